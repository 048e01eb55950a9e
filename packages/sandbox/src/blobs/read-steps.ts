import { Readable } from 'node:stream';
import { BLOB_STEP_BYTES } from './blob';

/** Where the bytes of one range come from. */
export interface StepSource {
  /** Exactly `length` bytes at `offset`. */
  at(offset: number, length: number): Buffer | Promise<Buffer>;
  /** Called once when the reader is done with it, whatever the reason. */
  close?(): Promise<void>;
}

/** A Readable over `start` (inclusive) to `end` (exclusive) that holds one step at a time. */
export function readSteps(source: StepSource, start: number, end: number): Readable {
  let position = start;
  return new Readable({
    highWaterMark: BLOB_STEP_BYTES,
    read() {
      if (position >= end) {
        this.push(null);
        return;
      }
      const length = Math.min(BLOB_STEP_BYTES, end - position);
      const step = source.at(position, length);
      position += length;
      if (Buffer.isBuffer(step)) this.push(step);
      else
        step.then(
          (bytes) => this.push(bytes),
          (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
        );
    },
    destroy(error, done) {
      (source.close?.() ?? Promise.resolve()).then(
        () => done(error),
        (closing: unknown) =>
          done(error ?? (closing instanceof Error ? closing : new Error(String(closing)))),
      );
    },
  });
}

/** Refuses a range outside the content, which would otherwise read as arbitrary bytes. */
export function checkRange(start: number, end: number, size: number): void {
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start || end > size)
    throw new RangeError(
      `Bytes ${String(start)} to ${String(end)} were asked of a blob of ${String(size)} bytes.`,
    );
}
