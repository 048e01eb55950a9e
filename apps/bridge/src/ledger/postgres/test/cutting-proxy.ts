import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** Stands between bridge and server, and cuts connections at a COMMIT. */
export interface CuttingProxy {
  readonly port: number;
  /** What becomes of the next COMMITs, one each: cut before the server has it, or after it was done and before its answer. */
  readonly plan: ('before' | 'answer')[];
  /** COMMITs that were cut. */
  readonly cuts: () => number;
  close(): Promise<void>;
}

export async function startCuttingProxy(target: number): Promise<CuttingProxy> {
  const plan: ('before' | 'answer')[] = [];
  const sockets = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    let isMuted = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => {
      const fate = bytes.includes('commit\0') ? plan.shift() : undefined;
      if (fate !== undefined) cuts += 1;
      if (fate === 'before') client.destroy();
      else {
        if (fate === 'answer') isMuted = true;
        upstream.write(bytes);
      }
    });
    upstream.on('data', (bytes) => {
      // Its answer says that it is done; nobody hears it.
      if (isMuted) client.destroy();
      else client.write(bytes);
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    plan,
    cuts: () => cuts,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
