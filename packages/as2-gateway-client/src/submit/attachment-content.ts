import { Readable } from 'node:stream';

/** One file of a message to be sent. */
export interface OutgoingAttachment {
  /** Its name at the partner. */
  readonly name: string;
  /** Media type, e.g. `application/edi-x12`; `application/octet-stream` when absent. */
  readonly contentType?: string | undefined;
  /** The bytes, or a function that opens a new stream of them each time it is called. */
  readonly content: Uint8Array | (() => Readable | Promise<Readable>);
  /** Length in bytes. Give it with a stream: the request then carries its length, and the bytes are counted. */
  readonly size?: number | undefined;
}

/** A piece of a body: bytes as they are, or an attachment that is read when its turn comes. */
export type BodyPiece = Uint8Array | OutgoingAttachment;

/** The attachment's length where it is known. */
export function sizeOf(attachment: OutgoingAttachment): number | undefined {
  return typeof attachment.content === 'function' ? attachment.size : attachment.content.byteLength;
}

/**
 * The pieces as one stream. An attachment that gives more or fewer bytes than its `size` fails it: the file changed
 * under our hands, and the partner must not get half of it under the name of the whole.
 */
export function streamPieces(pieces: readonly BodyPiece[]): Readable {
  let current: Readable | undefined;
  const chunks = readPieces(pieces, (source) => {
    current = source;
    if (stream.destroyed) source.destroy();
  });
  // Not `Readable.from`: when destroyed it waits for the chunk under way, and a source that stalls would stay open.
  const stream: Readable = new Readable({
    read: () => {
      void nextChunk(chunks).then(
        (chunk) => stream.push(chunk),
        (error: unknown) => stream.destroy(error instanceof Error ? error : new Error(String(error))),
      );
    },
    destroy: (error, done) => {
      current?.destroy();
      done(error);
    },
  });
  return stream;
}

// Empty chunks are passed by: pushed into a stream they would say nothing.
async function nextChunk(chunks: AsyncGenerator<Uint8Array>): Promise<Uint8Array | null> {
  for (;;) {
    const next = await chunks.next();
    if (next.done) return null;
    if (next.value.byteLength > 0) return next.value;
  }
}

async function* readPieces(
  pieces: readonly BodyPiece[],
  onOpen: (source: Readable) => void,
): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) yield piece;
    else if (typeof piece.content !== 'function') yield piece.content;
    else yield* readSource(await piece.content(), piece, onOpen);
  }
}

async function* readSource(
  source: Readable,
  { name, size }: OutgoingAttachment,
  onOpen: (source: Readable) => void,
): AsyncGenerator<Uint8Array> {
  onOpen(source);
  let seen = 0;
  for await (const chunk of source as AsyncIterable<Uint8Array | string>) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    seen += bytes.byteLength;
    if (size !== undefined && seen > size) throw sizeMismatch(name, size, 'more');
    yield bytes;
  }
  if (size !== undefined && seen < size) throw sizeMismatch(name, size, `only ${String(seen)}`);
}

function sizeMismatch(name: string, size: number, seen: string): Error {
  return new Error(
    `The attachment ${JSON.stringify(name)} was declared with ${String(size)} bytes, but its stream gave ${seen}. ` +
      'The message was not sent as a whole. Open the stream from content that does not change, or correct `size`.',
  );
}
