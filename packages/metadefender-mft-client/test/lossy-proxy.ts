import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LossyProxy {
  readonly url: string;
  /** The next such call reaches the server, and its answer gets lost on the way back. */
  loseAnswer(method: string, path: RegExp): void;
  /** The next such call is answered here, and never reaches the server. */
  answerInstead(method: string, path: RegExp, status: number, body?: string): void;
  /** Every such call is answered here from now on. */
  answerAlways(method: string, path: RegExp, status: number): void;
  /** The next such call reaches the server after this was awaited. */
  holdBack(method: string, path: RegExp, until: Promise<void>): void;
  close(): Promise<void>;
}

interface Trick {
  readonly method: string;
  readonly path: RegExp;
  readonly lose?: boolean;
  readonly stays?: boolean;
  readonly answer?: { readonly status: number; readonly body: string };
  readonly until?: Promise<void>;
}

/** Stands between client and server and does what networks do. */
export async function startLossyProxy(target: string): Promise<LossyProxy> {
  const tricks: Trick[] = [];
  const server = createServer((incoming, outgoing) => {
    const at = tricks.findIndex((one) => one.method === incoming.method && one.path.test(incoming.url ?? ''));
    const trick = tricks[at];
    if (trick !== undefined && trick.stays !== true) tricks.splice(at, 1);
    if (trick?.answer !== undefined) {
      const { status, body } = trick.answer;
      incoming
        .resume()
        .on('end', () => outgoing.writeHead(status, { 'content-type': 'application/json' }).end(body));
      return;
    }
    void (trick?.until ?? Promise.resolve()).then(() => {
      const onward = request(
        `${target}${incoming.url ?? ''}`,
        { method: incoming.method, headers: incoming.headers },
        (answer) => {
          if (trick?.lose === true) {
            answer.resume().on('end', () => incoming.socket.resetAndDestroy());
            return;
          }
          outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(outgoing);
        },
      );
      onward.on('error', () => incoming.socket.destroy());
      outgoing.on('close', () => {
        if (!outgoing.writableFinished) onward.destroy();
      });
      incoming.pipe(onward);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    loseAnswer: (method, path) => void tricks.push({ method, path, lose: true }),
    answerInstead: (method, path, status, body = '{}') =>
      void tricks.push({ method, path, answer: { status, body } }),
    answerAlways: (method, path, status) =>
      void tricks.push({ method, path, answer: { status, body: '{}' }, stays: true }),
    holdBack: (method, path, until) => void tricks.push({ method, path, until }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
