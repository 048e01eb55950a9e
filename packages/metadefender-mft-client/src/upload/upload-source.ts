/**
 * A web stream, by what is used of it. The types of browsers before TypeScript 5.6 do not say that a `ReadableStream` can be iterated, and
 * some polyfills cannot be.
 */
export interface WebByteStream {
  /** Locks the stream to one reader, which gives the pieces one after the other. */
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(): Promise<void>;
  };
}

/** Bytes as a Node stream, a web stream or any other async iterable gives them. */
export type ByteStream = AsyncIterable<Uint8Array> | WebByteStream;

/**
 * Where the bytes of an upload come from.
 *
 * - text: the path of a file
 * - a Buffer, Uint8Array or Blob
 * - a factory of streams. Without `size` it is opened twice, first to count: the server has to be told the size before the first byte,
 *   and content is never parked in a temporary file in clear.
 */
export type UploadSource = string | Uint8Array | Blob | StreamFactory;

/** Opens streams of the same bytes, as often as it is asked. */
export interface StreamFactory {
  /** each stream must give the same bytes */
  readonly open: () => ByteStream | Promise<ByteStream>;
  /** bytes */
  readonly size?: number | undefined;
}

/** A piece of a file in memory. */
export interface Piece {
  readonly data: Buffer;
  /** @param reusable false when a socket may still hold the bytes */
  release(reusable: boolean): void;
}

/** A source that is being read from its start to its end. */
export interface OpenedSource {
  /** bytes */
  readonly size: number;
  /**
   * The next bytes.
   *
   * @throws UploadSourceError when there are fewer than `length` left
   */
  read(length: number, signal: AbortSignal): Promise<Piece>;
  /** @throws UploadSourceError when there are more bytes than `size` said */
  expectEnd(): Promise<void>;
  close(): Promise<void>;
}
