import type { Socket } from 'node:net';

/**
 * How long a broken connection is still listened to. What was sent before the reset lies in the kernel's buffer already, so this takes
 * milliseconds; the bound is for a socket that nobody reads.
 */
const listenMs = 1000;

const hangUps: readonly unknown[] = ['EPIPE', 'ECONNRESET', 'ECONNABORTED'];
const broken = new WeakMap<object, Error>();

type Done = (error?: Error | null) => void;

/**
 * Lets the other side's last words be heard when it hangs up while we are sending. A server that refuses a body for its size (413), or a
 * call for its token, may answer before it has read it, and close. Node destroys a socket at the first write that fails, and the answer
 * that has arrived with it: measured with 12 MiB over loopback, one answer in two was lost. Here the failure of a write is kept back
 * until the reading side has come to its end.
 */
export function hearLastWords(socket: Socket): void {
  const heldBack =
    (done: Done): Done =>
    (error) => {
      const code: unknown = (error as NodeJS.ErrnoException | null | undefined)?.code;
      if (error) broken.set(socket, error);
      if (!error || !hangUps.includes(code) || socket.destroyed || socket.readableEnded) {
        done(error);
        return;
      }
      const timer = setTimeout(give, listenMs);
      function give(): void {
        clearTimeout(timer);
        socket.removeListener('end', give);
        socket.removeListener('close', give);
        done(error);
      }
      // Node's own listener was there before, and has closed the answer by now.
      socket.once('end', give);
      socket.once('close', give);
    };
  const write = socket._write.bind(socket);
  socket._write = (chunk, encoding, done) => write(chunk, encoding, heldBack(done));
  const writev = socket._writev?.bind(socket);
  if (writev !== undefined) socket._writev = (chunks, done) => writev(chunks, heldBack(done));
}

/** What a write to this socket failed with, though an answer may have come. */
export const failedWrite = (socket: object): Error | undefined => broken.get(socket);
