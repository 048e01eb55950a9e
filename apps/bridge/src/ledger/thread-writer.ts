import { types } from 'node:util';
import { Worker } from 'node:worker_threads';
import { LedgerUnavailableError } from './ledger-unavailable-error';
import type { Program, ProgramExecutor } from './program';
import type { OpenWriter } from './sqlite-writer';
import type { WriterReply, WriterRequest } from './writer-protocol';
import { createProgramWriter, readFault } from './writer-protocol';

type Rows = readonly (readonly unknown[])[];

interface Waiting {
  readonly resolve: (rows: Rows) => void;
  readonly reject: (error: Error) => void;
}

export interface ThreadWriterOptions {
  /** The program of the thread: what `writer-thread.ts` was built to. */
  readonly script: URL | string;
}

/**
 * Opens a writer whose connection lives in a thread of its own, so that neither a commit's sync nor a checkpoint stops
 * the event loop. Where the thread dies, everything that waits and everything that comes later fails with
 * LedgerUnavailableError, and `onLost` is told: nothing can be written any more, and nobody goes on as if it could.
 *
 * @example
 * openSqliteLedger({ file, now, openWriter: threadWriter({ script: new URL('./ledger-writer.js', import.meta.url) }) });
 */
export function threadWriter({ script }: ThreadWriterOptions): OpenWriter {
  return async (file, onLost) => {
    const worker = new Worker(script, { workerData: { file } });
    await untilReady(worker, file);
    return serve(worker, file, onLost);
  };
}

function untilReady(worker: Worker, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown): void => {
      reject(
        new LedgerUnavailableError(
          `The thread that writes the ledger ${file} could not be started (${why}). Install the bridge again; its files are not complete.`,
          'WRITER_NOT_STARTED',
          { cause },
        ),
      );
    };
    const onError = (error: unknown): void => fail(wordsOf(error), error);
    const onExit = (code: number): void => fail(`it ended with ${code}`);
    worker.once('error', onError).once('exit', onExit);
    worker.once('message', (message: WriterReply) => {
      worker.off('error', onError).off('exit', onExit);
      if (message.type === 'ready') resolve();
      else reject(message.type === 'refused' ? readFault(message.fault) : new Error('not a writer thread'));
    });
  });
}

function serve(worker: Worker, file: string, onLost: (error: Error) => void): ProgramExecutor {
  const waiting = new Map<number, Waiting>();
  const gathered: { readonly id: number; readonly program: Program }[] = [];
  const writePrograms = createProgramWriter();
  let lastId = 0;
  /** The last program of the group that the thread commits; 0 while it has none. */
  let underWay = 0;
  let closing: Promise<void> | undefined;
  let lost: LedgerUnavailableError | undefined;
  let isOver = false;
  const over = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      isOver = true;
      if (closing === undefined || waiting.size > 0) lose(`it ended with ${code}`);
      resolve();
    });
  });

  const post = (request: WriterRequest): void => worker.postMessage(request);

  function lose(why: string, cause?: unknown): void {
    if (lost !== undefined) return;
    lost = new LedgerUnavailableError(
      `The thread that writes the ledger ${file} died (${why}): nothing can be written any more. Of what was under way nobody knows whether it was written. Restart the bridge: it finds its work again.`,
      'WRITER_DIED',
      { cause },
    );
    for (const { reject } of waiting.values()) reject(lost);
    waiting.clear();
    gathered.length = 0;
    onLost(lost);
  }

  // An error in the thread ends it; what it was comes before its exit.
  worker.on('error', (error) => lose(wordsOf(error), error));
  worker.on('messageerror', (error) => lose('an answer could not be read', error));
  worker.on('message', (reply: WriterReply) => {
    if (reply.type !== 'ran') return;
    for (const answer of reply.answers) {
      const asked = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ('fault' in answer) asked?.reject(readFault(answer.fault));
      else asked?.resolve(answer.rows);
      if (answer.id === underWay) underWay = 0;
    }
    // Not at once: what follows from these answers goes with them.
    if (underWay === 0) setImmediate(send);
  });

  /**
   * Programs travel together, all that have come while the thread was busy: a message between threads costs more than what most
   * of them hold, and so they share a commit. Measured with a backlog of small messages: for each 2.7 of both, in place of 11.3
   * messages between threads and 5.1 commits.
   */
  function send(): void {
    if (gathered.length === 0 || underWay !== 0) return;
    underWay = lastId;
    post(writePrograms(gathered.splice(0)));
  }

  return {
    run<Row>(program: Program<Row>): Promise<readonly (readonly Row[])[]> {
      if (lost !== undefined) return Promise.reject(lost);
      if (closing !== undefined)
        return Promise.reject(
          new LedgerUnavailableError('The ledger is closed: the bridge is stopping.', 'CLOSED'),
        );
      return new Promise<Rows>((resolve, reject) => {
        lastId += 1;
        waiting.set(lastId, { resolve, reject });
        gathered.push({ id: lastId, program });
        if (gathered.length === 1) queueMicrotask(send);
      }) as Promise<readonly (readonly Row[])[]>;
    },
    close(): Promise<void> {
      if (closing === undefined) {
        // Behind the group that is under way, and before the end.
        underWay = 0;
        send();
        if (!isOver) post({ type: 'close' });
        closing = over;
      }
      return closing;
    },
  };
}

const wordsOf = (error: unknown): string => (types.isNativeError(error) ? error.message : String(error));
