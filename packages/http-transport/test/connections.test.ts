import { json, loopback } from './loopback-server';
import type { Loopback } from './loopback-server';
import { closeTransports, get, post, testTransport } from './transports';

let server: Loopback;
let most = 0;
beforeEach(async () => {
  most = 0;
  server = await loopback((_, response) => {
    most = Math.max(most, server.sockets.size);
    setTimeout(() => json(response, 200, {}), 5);
  });
});
afterEach(async () => {
  await closeTransports();
  await server.close();
});

const calls = (baseUrl: string, egress: { maxSockets?: number; keepAlive?: boolean }): Promise<unknown> => {
  const transport = testTransport({ baseUrl, egress });
  return Promise.all(Array.from({ length: 8 }, () => transport.call(get(), undefined)));
};

it('maxSockets bounds how many connections are open at a time, and all calls are answered', async () => {
  await calls(server.url, { maxSockets: 2 });
  expect(server.seen).toHaveLength(8);
  expect(most).toBe(2);
  expect(server.connections).toBe(2);
});

it('a call that waits for a free connection waits no longer than its clock, and was not sent', async () => {
  await server.close();
  server = await loopback(() => undefined);
  const transport = testTransport({
    baseUrl: server.url,
    egress: { maxSockets: 1 },
    retry: { maxAttempts: 1 },
    clocks: { headersMs: 150 },
  });
  const settled = await Promise.allSettled([
    transport.call(
      post('keyed', () => ({ json: 1 })),
      undefined,
      { clocks: { headersMs: 1000 } },
    ),
    transport.call(get(), undefined),
  ]);
  expect(settled).toMatchObject([
    { status: 'rejected', reason: { name: 'TimeoutError', outcome: 'unknown' } },
    { status: 'rejected', reason: { name: 'TimeoutError', clock: 'headers', outcome: 'not-sent' } },
  ]);
  expect(server.seen).toHaveLength(1);
});

it('keepAlive false gives each call a connection of its own, and leaves none', async () => {
  await calls(server.url, { keepAlive: false });
  expect(server.connections).toBe(8);
  while (server.sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
});

it.each([0, -1, NaN])(
  'a bound of %p connections is refused, since no call would ever be sent',
  (maxSockets) => {
    expect(() => testTransport({ baseUrl: server.url, egress: { maxSockets } })).toThrow(
      /egress\.maxSockets/,
    );
  },
);
