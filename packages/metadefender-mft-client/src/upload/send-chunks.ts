import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Chunk } from './chunk-plan';
import { chunkPlan } from './chunk-plan';
import type { ProgressMeter } from './progress';
import type { OpenedSource } from './upload-source';

/** Hashing 10 MiB at one go would keep every other call waiting for some 25 ms. */
const HASH_STEP_BYTES = 1024 * 1024;

export interface ChunkToSend extends Chunk {
  readonly data: Buffer;
  /** lower-case hex */
  readonly md5: string | undefined;
  readonly onSent: (bytes: number) => void;
}

export interface SendOptions {
  readonly chunkBytes: number;
  /** chunks under way at a time */
  readonly parallel: number;
  readonly md5: boolean;
  readonly signal: AbortSignal;
  readonly progress: ProgressMeter;
  readonly send: (chunk: ChunkToSend, signal: AbortSignal) => Promise<void>;
}

/**
 * Reads a source once, in order, and sends it in chunks, some of them at the same time. The first failure stops the rest and is thrown
 * after all have come to rest, so that no request of this upload is alive when its group is aborted.
 *
 * @returns the SHA-256 of all bytes, lower-case hex
 */
export async function sendChunks(source: OpenedSource, options: SendOptions): Promise<string> {
  const sha256 = createHash('sha256');
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const underWay = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const failed = (error: unknown): void => {
    failure ??= { error };
    stop.abort(error);
  };

  const dispatch = async (chunk: Chunk): Promise<void> => {
    const piece = await source.read(chunk.length, signal);
    const md5 = options.md5 ? createHash('md5') : undefined;
    await hashInSteps(piece.data, [sha256, ...(md5 === undefined ? [] : [md5])]);
    if (signal.aborted) {
      piece.release(true);
      return;
    }
    const sending: Promise<void> = options
      .send(
        {
          ...chunk,
          data: piece.data,
          md5: md5?.digest('hex'),
          onSent: (bytes) => options.progress.moved(chunk.index, bytes),
        },
        signal,
      )
      .then(
        () => {
          piece.release(true);
          options.progress.done(chunk.index, chunk.length);
        },
        (error: unknown) => {
          piece.release(false);
          failed(error);
        },
      )
      .finally(() => underWay.delete(sending));
    underWay.add(sending);
  };

  try {
    for (const chunk of chunkPlan(source.size, options.chunkBytes)) {
      while (underWay.size >= options.parallel) await Promise.race(underWay);
      signal.throwIfAborted();
      await dispatch(chunk);
    }
    await source.expectEnd();
  } catch (error) {
    failed(error);
  }
  await Promise.all(underWay);
  if (failure !== undefined) throw failure.error;
  return sha256.digest('hex');
}

async function hashInSteps(data: Buffer, hashes: readonly Hash[]): Promise<void> {
  for (let at = 0; at < data.length; at += HASH_STEP_BYTES) {
    if (at > 0) await nextTurn();
    const step = data.subarray(at, at + HASH_STEP_BYTES);
    for (const hash of hashes) hash.update(step);
  }
}
