import type { Server } from 'node:http';

/** A server that listens, or will. */
export interface HttpListener {
  /** @returns where it really listens: `port` 0 takes any free one. Rejects with a sentence where the address is taken. */
  listen(address: { readonly host: string; readonly port: number }): Promise<{ url: string; port: number }>;
  /** Takes no more requests, gives those that run `graceMs` (2 s by default), then cuts them. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/** Lets a server be opened and closed. `section` names its part of the configuration in errors: `web.private`. */
export function createHttpListener(server: Server, section: string): HttpListener {
  return {
    listen: ({ host, port }) =>
      new Promise((resolve, reject) => {
        server.once('error', (error: NodeJS.ErrnoException) => {
          reject(new Error(describeListenError(error, { host, port, section }), { cause: error }));
        });
        server.listen(port, host, () => {
          const address = server.address();
          const actual = typeof address === 'object' && address !== null ? address.port : port;
          resolve({
            port: actual,
            url: `http://${host.includes(':') ? `[${host}]` : host}:${String(actual)}`,
          });
        });
      }),
    close: ({ graceMs = 2_000 } = {}) =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), graceMs);
        // The only error is "not running", which is what was asked for.
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function describeListenError(
  { code, message }: NodeJS.ErrnoException,
  { host, port, section }: { host: string; port: number; section: string },
): string {
  const where = `${host}:${String(port)}`;
  if (code === 'EADDRINUSE')
    return `${where} is in use: another bridge runs, or set ${section}.port to a free port`;
  if (code === 'EACCES')
    return `${where} needs rights that this user does not have; set ${section}.port to 1024 or more`;
  if (code === 'EADDRNOTAVAIL') return `${host} is no address of this machine; set ${section}.host to one`;
  return `cannot listen on ${where}: ${message}`;
}
