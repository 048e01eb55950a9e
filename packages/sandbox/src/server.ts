import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where to listen. */
export interface ListenOptions {
  /** Default 0: any free port. */
  readonly port?: number | undefined;
  /** Default `127.0.0.1`. */
  readonly host?: string | undefined;
}

/** A listener that can be unplugged like a cable. */
export interface SandboxServer {
  /** `http://host:port`, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  readonly plugged: boolean;
  /** Closes the listener and resets every connection: callers see what a lost server looks like. */
  unplug(): Promise<void>;
  /** Listens again on the same port. */
  plug(): Promise<void>;
  /** For good. */
  close(): Promise<void>;
}

/**
 * Serves `handler` (an Express app, for one).
 *
 * @throws Error of `node:net` where the port is taken.
 * @example
 * const server = await startServer(app, { port: 8010 });
 * await server.unplug(); // connection refused
 * await server.plug();
 */
export async function startServer(
  handler: RequestListener,
  options: ListenOptions = {},
): Promise<SandboxServer> {
  const host = options.host ?? '127.0.0.1';
  const sockets = new Set<Socket>();
  let server = await listen(handler, host, options.port ?? 0, sockets);
  const { port } = server.address() as AddressInfo;
  let plugged = true;
  let closed = false;
  // Plugging and unplugging run one after the other, whoever asks.
  let last: Promise<void> = Promise.resolve();
  function next(step: () => Promise<void>): Promise<void> {
    const mine = last.then(step);
    last = mine.catch(() => undefined);
    return mine;
  }

  async function unplug(): Promise<void> {
    if (!plugged) return;
    plugged = false;
    const gone = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.resetAndDestroy();
    await gone;
  }

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`,
    port,
    get plugged() {
      return plugged;
    },
    unplug: () => next(unplug),
    plug: () =>
      next(async () => {
        if (closed) throw new Error('This sandbox is closed: start a new one.');
        if (plugged) return;
        server = await listenAgain(handler, host, port, sockets);
        plugged = true;
      }),
    close: () =>
      next(async () => {
        closed = true;
        await unplug();
      }),
  };
}

async function listen(
  handler: RequestListener,
  host: string,
  port: number,
  sockets: Set<Socket>,
): Promise<Server> {
  // A day for the whole request: uploads of many GB at a trickle are the client's affair to give up.
  const server = createServer({ requestTimeout: 24 * 3600 * 1000, keepAliveTimeout: 30_000 }, handler);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  return server;
}

/** While it was unplugged the port was free, and the system may have lent it to an outgoing connection for a moment. */
async function listenAgain(
  handler: RequestListener,
  host: string,
  port: number,
  sockets: Set<Socket>,
): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await listen(handler, host, port, sockets);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempt === 50) throw error;
      await sleep(100);
    }
  }
}
