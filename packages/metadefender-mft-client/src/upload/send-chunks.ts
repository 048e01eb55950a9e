import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UploadSourceError } from '../errors/upload-source-error';
import type { FileKeeper } from './checkpoint-keeper';
import type { Chunk } from './chunk-plan';
import { chunkPlan } from './chunk-plan';
import type { ProgressMeter } from './progress';
import type { OpenedSource } from './upload-source';

/**
 * Hashing 10 MiB at one go would keep every other call waiting for some 25 ms. It stays on this thread: with MD5 in a thread of its own
 * an upload ran no faster on two cores (348 against 349 MB/s) and took 20 MB more.
 */
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
  readonly keeper: Pick<FileKeeper, 'before' | 'acknowledged'>;
  readonly send: (chunk: ChunkToSend, signal: AbortSignal) => Promise<void>;
}

/**
 * Reads a source once, in order, and sends it in chunks, some of them at the same time; a chunk that an earlier run had acknowledged is
 * read, since it belongs to the hash of the whole, and not sent. The first failure stops the rest and is thrown after all have come to
 * rest, so that no request of this upload is alive when its group is aborted.
 *
 * @returns the SHA-256 of all bytes, lower-case hex
 * @throws UploadSourceError when the bytes that were acknowledged before are not those of this source
 */
export async function sendChunks(source: OpenedSource, options: SendOptions): Promise<string> {
  const { keeper } = options;
  const sha256 = createHash('sha256');
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const underWay = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const failed = (error: unknown): void => {
    failure ??= { error };
    stop.abort(error);
  };
  const prefix = (): string => sha256.copy().digest('hex');

  const dispatch = async (chunk: Chunk): Promise<void> => {
    const piece = await source.read(chunk.length, signal);
    const before = keeper.before(chunk.index);
    const md5 = options.md5 && before === undefined ? createHash('md5') : undefined;
    await hashInSteps(piece.data, [sha256, ...(md5 === undefined ? [] : [md5])]);
    if (before !== undefined || signal.aborted) piece.release(true);
    if (signal.aborted) return;
    if (before !== undefined) {
      if (before.sha256 !== undefined && before.sha256 !== prefix()) throw sourceChanged();
      options.progress.done(chunk.index, chunk.length);
      return;
    }
    const upToHere = prefix();
    const onSent = (bytes: number): void => options.progress.moved(chunk.index, bytes);
    const sending: Promise<void> = options
      .send({ ...chunk, data: piece.data, md5: md5?.digest('hex'), onSent }, signal)
      .then(
        () => {
          piece.release(true);
          options.progress.done(chunk.index, chunk.length);
          return keeper.acknowledged(chunk.index, upToHere);
        },
        (error: unknown) => {
          piece.release(false);
          failed(error);
        },
      )
      .catch(failed)
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

const sourceChanged = (): UploadSourceError =>
  new UploadSourceError(
    'The source is not what was uploaded before: its bytes differ from those that the server acknowledged.',
  );

async function hashInSteps(data: Buffer, hashes: readonly Hash[]): Promise<void> {
  for (let at = 0; at < data.length; at += HASH_STEP_BYTES) {
    if (at > 0) await nextTurn();
    const step = data.subarray(at, at + HASH_STEP_BYTES);
    for (const hash of hashes) hash.update(step);
  }
}
