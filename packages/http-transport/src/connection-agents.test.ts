import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { openCallScope } from './call-scope';
import { createConnectionAgents } from './connection-agents';
import { watchRequest } from './request-watch';

describe('connection agents', () => {
  it('give an idle connection up after a while, and leave it no clock of the request before', async () => {
    const server = http.createServer((_, response) => response.end('x'));
    // A server that says nothing of how long it keeps connections.
    server.keepAliveTimeout = 0;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const agents = createConnectionAgents(undefined);
    const agent = agents.pick(url, 'shared');
    const scope = openCallScope({ signal: undefined, totalMs: 0, now: () => 0, open: new Set() });
    const clocks = { headersMs: 7000, idleMs: 8000, totalMs: 0 };
    const watch = watchRequest({ clocks, hasBody: false, scope, onFinished: () => undefined });
    await new Promise<void>((resolve, reject) => {
      const options = { hostname: url.hostname, port: url.port, protocol: url.protocol, agent };
      const request = watch.transport.request(options, (response) => {
        expect(response.socket.timeout).toBe(8000);
        response.resume();
        response.once('end', () => setImmediate(resolve));
      });
      request.on('error', reject);
      request.end();
    });
    watch.end();
    const free = Object.values(agent.freeSockets).flatMap((sockets): Socket[] => sockets ?? []);
    expect(free.map(({ timeout }) => timeout)).toEqual([15_000]);
    agents.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    ['https://a.example.com', true],
    ['https://example.com', true],
    ['https://x.internal', false],
    ['https://deep.x.internal', false],
    ['https://internal', true],
    ['https://10.0.0.1', false],
    ['https://y.corp', false],
    ['https://[fd00::1]', false],
  ])('reach %s by the proxy: %s', (url, proxied) => {
    const agents = createConnectionAgents({
      proxy: 'http://127.0.0.1:1',
      noProxy: ['.internal', '10.0.0.1', '*.Corp ', 'fd00::1'],
    });
    expect(agents.proxied(new URL(url))).toBe(proxied);
    agents.close();
  });
});
