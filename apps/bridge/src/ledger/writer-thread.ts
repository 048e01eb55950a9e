import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { openSqliteConnection } from './sqlite-connection';
import { toLedgerFault } from './sqlite-fault';
import { createSqliteWriter } from './sqlite-writer';
import type { WriterAnswer, WriterReply, WriterRequest } from './writer-protocol';
import { createProgramReader, writeFault } from './writer-protocol';

/*
 * The writer thread: run by `openThreadWriter` as a worker, and by nobody else. It has nothing to do but commits, so it
 * never rests: while one commit syncs, the next group gathers in the port.
 */
if (parentPort !== null) serve(parentPort, (workerData as { file: string }).file);

function serve(port: MessagePort, file: string): void {
  const reply = (message: WriterReply): void => {
    port.postMessage(message);
  };
  const answers: WriterAnswer[] = [];

  /** What one commit brought goes back in one message. */
  function answer(one: WriterAnswer): void {
    answers.push(one);
    if (answers.length === 1) setImmediate(() => reply({ type: 'ran', answers: answers.splice(0) }));
  }

  let connection: ReturnType<typeof openSqliteConnection>;
  try {
    connection = openSqliteConnection(file, 'write');
  } catch (error) {
    reply({ type: 'refused', fault: writeFault(toLedgerFault(error, file)) });
    port.close();
    return;
  }
  const writer = createSqliteWriter(connection, () => 0);
  const readPrograms = createProgramReader();
  port.on('message', (request: WriterRequest) => {
    if (request.type === 'close') {
      // Ordered after all that was accepted. The answers go before the thread ends.
      void writer.close().then(() => setImmediate(() => setImmediate(() => port.close())));
      return;
    }
    for (const { id, program } of readPrograms(request)) {
      writer.run(program).then(
        (rows) => answer({ id, rows }),
        (error: unknown) => answer({ id, fault: writeFault(error) }),
      );
    }
  });
  reply({ type: 'ready' });
}
