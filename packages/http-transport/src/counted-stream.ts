import { Readable } from 'node:stream';
import { types } from 'node:util';

/** Read-ahead of a transfer. Measured: with 64 KiB a transfer is a quarter slower. */
export const transferStep = 1024 * 1024;

export interface CountedStreamOptions {
  /** Bytes that must come; absent when unknown. */
  readonly expected?: number | undefined;
  /**
   * Keeps back the chunk that completes `expected` until the source has ended. For what is sent: a server answers as soon as it
   * has the announced number of bytes and may close, while the end of a file takes one more read of the disk to be known; the
   * answer then came to a request that was never ended. And a source that goes on is found out before it is sent whole.
   */
  readonly holdLast?: boolean | undefined;
  /** Total so far. */
  readonly onBytes?: ((total: number) => void) | undefined;
  /** The reader wants more after it had been full; a stalled source is stalled from now on, not before. */
  readonly onResume?: (() => void) | undefined;
  /** Turns a failure of the source, or its wrong length, into the error that the reader gets. */
  readonly fail: (failure: SourceFailure) => Error;
  /**
   * Asked when a source broke off after `total` bytes: a source that goes on from there, or undefined where there is
   * none. Never rejects.
   */
  readonly next?: ((failure: SourceFailure, total: number) => Promise<Readable | undefined>) | undefined;
}

export type SourceFailure =
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'length'; readonly expected: number; readonly got: number }
  | { readonly kind: 'closed' };

/**
 * The bytes of `source`, counted and checked against the announced length. Not a Transform and no pipe: this costs one
 * function call a chunk, and passes the buffers on as they are.
 */
export function countedStream(first: Readable, options: CountedStreamOptions): Readable {
  const { expected } = options;
  let source = first;
  let total = 0;
  let full = false;
  let wanted = false;
  let held: Uint8Array | undefined;

  const counted = new Readable({
    highWaterMark: transferStep,
    read: () => {
      if (full) options.onResume?.();
      full = false;
      wanted = true;
      source.resume();
    },
    destroy: (error, done) => {
      source.destroy();
      done(error);
    },
  });

  const fail = (failure: SourceFailure): void => {
    if (!counted.destroyed) counted.destroy(options.fail(failure));
  };

  const attach = (from: Readable): void => {
    source = from;
    let over = false;
    /** Each source ends once, and the end of an old one is none of the stream's business. */
    const end = (failure: SourceFailure): void => {
      if (over || counted.destroyed) return;
      over = true;
      if (options.next === undefined || failure.kind === 'length') {
        fail(failure);
        return;
      }
      void options.next(failure, total).then((next) => {
        if (next === undefined) fail(failure);
        else if (counted.destroyed) next.destroy();
        else attach(next);
      });
    };
    from.on('data', (chunk: unknown) => {
      if (counted.destroyed || over) return;
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      // Pushed on, what is no bytes would be thrown at this listener's caller, and end the process.
      if (!types.isUint8Array(bytes)) {
        end({ kind: 'error', error: new TypeError('the source yields something other than bytes') });
        return;
      }
      total += bytes.length;
      if (expected !== undefined && total > expected) {
        end({ kind: 'length', expected, got: total });
        return;
      }
      if (options.holdLast === true && total === expected && held === undefined) {
        held = bytes;
        return;
      }
      options.onBytes?.(total);
      if (!counted.push(bytes)) {
        full = true;
        wanted = false;
        from.pause();
      }
    });
    from.once('end', () => {
      if (over) return;
      if (expected !== undefined && total !== expected) end({ kind: 'length', expected, got: total });
      else {
        over = true;
        if (held !== undefined) {
          options.onBytes?.(total);
          counted.push(held);
        }
        counted.push(null);
      }
    });
    from.on('error', (error) => end({ kind: 'error', error }));
    from.once('close', () => {
      if (!from.readableEnded) end({ kind: 'closed' });
    });
    // 'data' above made it flow; nothing is read before somebody asks.
    if (!wanted) from.pause();
    // A source that is over already emits nothing any more, and the reader would wait for ever.
    if (from.errored !== null) end({ kind: 'error', error: from.errored });
    else if (from.destroyed || from.readableEnded) end({ kind: 'closed' });
  };

  attach(first);
  return counted;
}
