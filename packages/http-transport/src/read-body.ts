import type { Readable } from 'node:stream';

export interface WholeBody {
  readonly bytes: Buffer;
  /** There was more than the limit; the rest was thrown away with its connection. */
  readonly truncated: boolean;
}

/** Reads a stream into memory, up to `limit` bytes. Rejects with the stream's own error. */
export function readBody(stream: Readable, limit: number): Promise<WholeBody> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let total = 0;
    const whole = (truncated: boolean): WholeBody => {
      const [first] = chunks;
      const bytes = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, total);
      return { bytes: truncated ? bytes.subarray(0, limit) : bytes, truncated };
    };
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      total += chunk.length;
      if (total > limit) {
        resolve(whole(true));
        stream.destroy();
      }
    });
    stream.once('end', () => resolve(whole(false)));
    stream.on('error', reject);
    stream.once('close', () => {
      // An Error costs more than the rest of a small call (its stack); none is made where nobody would get it.
      if (!stream.readableEnded && total <= limit) reject(new Error('closed before its end'));
    });
  });
}
