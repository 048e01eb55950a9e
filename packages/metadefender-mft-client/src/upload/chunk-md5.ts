import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/** Computes the MD5 of chunks. */
export interface ChunkMd5 {
  /** @returns lower-case hex */
  of(data: Buffer): Promise<string>;
  close(): Promise<void>;
}

/** Hashing 10 MiB at one go would keep every other call waiting for some 25 ms. */
export const HASH_STEP_BYTES = 1024 * 1024;

/** Text and no file: it has to be found in an ES module, in a CommonJS one, and in whatever a bundler makes of them. */
const WORKER = `
const { createHash } = require('node:crypto');
const { parentPort } = require('node:worker_threads');
parentPort.on('message', ({ job, memory, offset, length }) => {
  const md5 = createHash('md5').update(new Uint8Array(memory, offset, length)).digest('hex');
  parentPort.postMessage({ job, md5 });
});
`;

interface Job {
  readonly resolve: (md5: string) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * MD5 is the slowest part of an upload (2.3 s of CPU for each GB, where SHA-256 takes 0.9 and sending 0.7), and the only one that need not
 * be done in order: large chunks in shared memory are hashed by a thread, all others here. The thread begins with the first of them and
 * keeps no process alive. Where there can be none (Node's permission model), everything is hashed here.
 */
export function createChunkMd5(): ChunkMd5 {
  const jobs = new Map<number, Job>();
  let thread: Worker | undefined;
  let impossible = false;
  let count = 0;

  const fail = (error: unknown): void => {
    impossible = true;
    thread = undefined;
    for (const { reject } of jobs.values()) reject(error);
    jobs.clear();
  };
  const begin = (): Worker => {
    const worker = new Worker(WORKER, { eval: true });
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('The thread that hashes ended.')));
    worker.on('message', ({ job, md5 }: { readonly job: number; readonly md5: string }) => {
      jobs.get(job)?.resolve(md5);
      jobs.delete(job);
      if (jobs.size === 0) worker.unref();
    });
    return worker;
  };
  const elsewhere = (memory: SharedArrayBuffer, data: Buffer): Promise<string> =>
    new Promise((resolve, reject) => {
      const worker = (thread ??= begin());
      const job = (count += 1);
      // Nothing else may be keeping the process alive while a hash is awaited.
      worker.ref();
      jobs.set(job, { resolve, reject });
      worker.postMessage({ job, memory, offset: data.byteOffset, length: data.byteLength });
    });

  return {
    of: async (data) => {
      const memory: unknown = data.buffer;
      if (!impossible && data.length > HASH_STEP_BYTES && memory instanceof SharedArrayBuffer) {
        try {
          return await elsewhere(memory, data);
        } catch {
          impossible = true;
        }
      }
      return here(data);
    },
    close: async () => {
      impossible = true;
      await thread?.terminate();
    },
  };
}

async function here(data: Buffer): Promise<string> {
  const md5 = createHash('md5');
  for (let at = 0; at < data.length; at += HASH_STEP_BYTES) {
    if (at > 0) await nextTurn();
    md5.update(data.subarray(at, at + HASH_STEP_BYTES));
  }
  return md5.digest('hex');
}
