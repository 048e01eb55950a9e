import type { Readable } from 'node:stream';

/** The bytes of a stream, counted as they pass. The stream is destroyed when the reader leaves early. */
export async function* counted(
  body: Readable,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  try {
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      bytes += piece.byteLength;
      onBytes(bytes);
      yield piece;
    }
  } finally {
    body.destroy();
  }
}
