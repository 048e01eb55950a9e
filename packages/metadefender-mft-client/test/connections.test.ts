import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MetaDefenderClient } from '../src/index';
import type { EgressOptions } from '../src/index';

/** How many connections a number of calls at once came by, and how many of them stood open at a time. */
async function connectionsOf(egress: EgressOptions): Promise<{ opened: number; most: number }> {
  let opened = 0;
  let open = 0;
  let most = 0;
  const server = createServer((_, response) => {
    setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end('"3.11.5"'), 5);
  });
  server.on('connection', (socket) => {
    opened += 1;
    open += 1;
    most = Math.max(most, open);
    socket.once('close', () => (open -= 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const md = new MetaDefenderClient({
    baseUrl: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    auth: { apiKey: 'k' },
    egress,
  });
  await Promise.all(Array.from({ length: 6 }, () => md.version()));
  await md.version();
  await md.close();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
  return { opened, most };
}

test('connections are kept and used again', async () => {
  expect(await connectionsOf({})).toEqual({ opened: 6, most: 6 });
});

test('maxSockets bounds the connections to a host: calls wait for a free one', async () => {
  expect(await connectionsOf({ maxSockets: 2 })).toEqual({ opened: 2, most: 2 });
});

test('without keepAlive each call has a connection of its own', async () => {
  expect((await connectionsOf({ keepAlive: false })).opened).toBe(7);
});

test('a bound of nothing is refused', () => {
  const make = () =>
    new MetaDefenderClient({ baseUrl: 'https://x', auth: { apiKey: 'k' }, egress: { maxSockets: 0 } });
  expect(make).toThrow('maxSockets');
});
