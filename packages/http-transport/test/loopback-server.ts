import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: number;
  readonly sha256: string;
  readonly body: Buffer;
}

export interface Loopback {
  readonly url: string;
  readonly port: number;
  /** Requests whose body was read to its end, in order. */
  readonly seen: Seen[];
  readonly sockets: Set<Socket>;
  readonly server: Server;
  connections: number;
  close(): Promise<void>;
}

export type Reaction = (request: IncomingMessage, response: ServerResponse, seen: Seen) => void;

/** A real HTTP server: reads each body, notes it, then reacts. `early` runs before the body is read. */
export async function loopback(
  react: Reaction,
  early?: (request: IncomingMessage, response: ServerResponse) => boolean,
): Promise<Loopback> {
  const sockets = new Set<Socket>();
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    if (early?.(request, response) === true) return;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const one: Seen = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        bytes: body.length,
        sha256: sha256(body),
        body,
      };
      seen.push(one);
      react(request, response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const self: Loopback = {
    url: `http://127.0.0.1:${port}`,
    port,
    seen,
    sockets,
    server,
    connections: 0,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  server.on('connection', (socket) => {
    self.connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  return self;
}

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

export const json = (response: ServerResponse, status: number, body: unknown, headers = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};

/** The error of a promise that must reject. */
export async function failure<T = unknown>(promise: Promise<unknown>): Promise<T> {
  try {
    await promise;
  } catch (error) {
    return error as T;
  }
  throw new Error('expected a rejection');
}
