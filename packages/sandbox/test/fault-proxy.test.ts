import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer as createTcpServer } from 'node:net';
import { startFaultProxy } from '../src/index';
import type { FaultProxy, FaultProxyOptions, ProxyFault } from '../src/index';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

interface Talk {
  readonly got: Buffer;
  readonly bytes: number;
  /** How it ended for the client. */
  readonly end: 'end' | 'ECONNRESET' | 'still open';
  readonly ms: number;
}

async function eventually(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 5_000; !condition();) {
    if (Date.now() > end) throw new Error('It did not happen within five seconds.');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('fault proxy', () => {
  let target: { port: number; got: () => Buffer; ended: () => boolean; close(): Promise<void> };
  const open: { close(): Promise<void> }[] = [];

  /** Answers each connection with `answer`, and keeps what it gets. */
  async function listen(answer: Buffer): Promise<void> {
    const parts: Buffer[] = [];
    let ended = false;
    const sockets = new Set<Socket>();
    const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket);
      socket.on('data', (part) => parts.push(part));
      socket.on('end', () => (ended = true));
      socket.on('error', () => undefined);
      socket.end(answer);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    target = {
      port: (server.address() as AddressInfo).port,
      got: () => Buffer.concat(parts),
      ended: () => ended,
      close: () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          for (const socket of sockets) socket.destroy();
        }),
    };
    open.push(target);
  }

  async function start(...faults: ProxyFault[]): Promise<FaultProxy> {
    const proxy = await startFaultProxy({ target: { host: '127.0.0.1', port: target.port }, seed: 1 });
    for (const fault of faults) proxy.add({ fault });
    open.push(proxy);
    return proxy;
  }

  /** Sends, and waits for the end or until nothing has come for a while. */
  function talk(proxy: FaultProxy, sent: Buffer, quietMs = 150): Promise<Talk> {
    const began = performance.now();
    return new Promise((resolve) => {
      const parts: Buffer[] = [];
      const socket = connect({ port: proxy.port, host: '127.0.0.1' });
      const done = (end: Talk['end']): void => {
        const got = Buffer.concat(parts);
        resolve({ got, bytes: got.length, end, ms: performance.now() - began });
        socket.destroy();
      };
      socket.setTimeout(quietMs, () => done('still open'));
      socket.on('data', (part) => parts.push(part));
      socket.on('end', () => done('end'));
      socket.on('error', () => done('ECONNRESET'));
      socket.end(sent);
    });
  }

  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });

  it('passes everything on where nothing was added, in both directions', async () => {
    const [up, down] = [randomBytes(3_000_000), randomBytes(5_000_000)];
    await listen(down);
    const proxy = await start();
    const { got, end } = await talk(proxy, up, 2_000);
    expect([sha256(got), end]).toEqual([sha256(down), 'end']);
    await eventually(() => target.got().length === up.length);
    expect(sha256(target.got())).toBe(sha256(up));
    expect(proxy.bytes).toEqual({ up: up.length, down: down.length });
    expect(proxy.connections).toBe(1);
  });

  it('cuts the answer after so many bytes, in order', async () => {
    await listen(randomBytes(100_000));
    const proxy = await start({ kind: 'cut', direction: 'down', afterBytes: 1234 });
    expect(await talk(proxy, Buffer.from('hi'))).toMatchObject({ bytes: 1234, end: 'end' });
  });

  it('cuts what is sent after so many bytes', async () => {
    await listen(Buffer.alloc(0));
    const proxy = await start({ kind: 'cut', direction: 'up', afterBytes: 500 });
    await talk(proxy, randomBytes(400_000));
    await eventually(() => target.ended());
    expect(target.got()).toHaveLength(500);
  });

  it('resets at once, or after so many bytes', async () => {
    await listen(randomBytes(100_000));
    const proxy = await start({ kind: 'reset' });
    expect((await talk(proxy, Buffer.from('hi'))).end).toBe('ECONNRESET');
    proxy.clear();
    proxy.add({ fault: { kind: 'reset', direction: 'down', afterBytes: 50_000 } });
    const later = await talk(proxy, Buffer.from('hi'));
    // libuv reports a reset behind data that it has just read as an end: what counts is that no more comes.
    expect(later.end).not.toBe('still open');
    expect(later.bytes).toBeLessThanOrEqual(50_000);
    expect(proxy.bytes.down).toBe(50_000);
  });

  it('closes one direction and leaves the other one open', async () => {
    await listen(randomBytes(200_000));
    const proxy = await start({ kind: 'half-close', direction: 'up', afterBytes: 10 });
    const { got, end } = await talk(proxy, randomBytes(1000));
    expect([got.length, end]).toEqual([200_000, 'end']);
    expect(target.got()).toHaveLength(10);
    expect(target.ended()).toBe(true);
  });

  it('stalls for good, or for a while', async () => {
    await listen(randomBytes(10_000));
    const proxy = await start({ kind: 'stall', direction: 'down', afterBytes: 4000 });
    expect(await talk(proxy, Buffer.from('hi'))).toMatchObject({ bytes: 4000, end: 'still open' });
    proxy.clear();
    proxy.add({ fault: { kind: 'stall', direction: 'down', afterBytes: 4000, forMs: 80 } });
    const later = await talk(proxy, Buffer.from('hi'), 1_000);
    expect(later).toMatchObject({ bytes: 10_000, end: 'end' });
    expect(later.ms).toBeGreaterThan(75);
  });

  it('limits the rate', async () => {
    const content = randomBytes(30_000);
    await listen(content);
    const proxy = await start({ kind: 'rate', direction: 'down', bytesPerSecond: 100_000 });
    const { got, ms } = await talk(proxy, Buffer.from('hi'), 1_000);
    expect(got.equals(content)).toBe(true);
    expect(ms).toBeGreaterThan(250);
  });

  it('strikes some connections only, and the same ones for the same seed', async () => {
    await listen(Buffer.from('answer'));
    const drawn = async (seed: NonNullable<FaultProxyOptions['seed']>): Promise<string> => {
      const proxy = await startFaultProxy({ target: `http://127.0.0.1:${String(target.port)}`, seed });
      const rule = proxy.add({ fault: { kind: 'reset' }, probability: 0.5, after: 1, times: 8 });
      let seen = '';
      for (let call = 0; call < 24; call += 1)
        seen += (await talk(proxy, Buffer.from('hi'), 10_000)).end === 'end' ? '.' : 'x';
      expect(rule.hits).toBe(seen.replaceAll('.', '').length);
      await proxy.close();
      return seen;
    };
    const once = await drawn('a');
    expect(await drawn('a')).toBe(once);
    expect(await drawn('b')).not.toBe(once);
    expect(once).toMatch(/(?=.*x)(?=.*\.)/);
  });

  it('draws a place from a range', async () => {
    await listen(randomBytes(100_000));
    const proxy = await start({ kind: 'cut', direction: 'down', afterBytes: { from: 100, to: 200 } });
    const lengths = new Set<number>();
    for (let call = 0; call < 10; call += 1) {
      const { length } = (await talk(proxy, Buffer.from('hi'))).got;
      expect(length).toBeGreaterThanOrEqual(100);
      expect(length).toBeLessThanOrEqual(200);
      lengths.add(length);
    }
    expect(lengths.size).toBeGreaterThan(3);
  });

  it('resets what is open, and refuses when it is closed', async () => {
    await listen(Buffer.alloc(0));
    const proxy = await start({ kind: 'stall', direction: 'down' }, { kind: 'stall', direction: 'up' });
    const talking = talk(proxy, Buffer.from('hi'), 5_000);
    await eventually(() => proxy.connections === 1);
    proxy.resetAll();
    expect((await talking).end).toBe('ECONNRESET');
    await proxy.close();
    expect((await talk(proxy, Buffer.from('hi'))).end).toBe('ECONNRESET');
  });

  it('carries HTTP, and refuses what is no target', async () => {
    const server: Server = createServer((_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = await startFaultProxy({
      target: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/path`,
    });
    expect(await (await fetch(proxy.url)).text()).toBe('hello');
    await proxy.close();
    await new Promise((resolve) => server.close(resolve));
    await expect(startFaultProxy({ target: 'nonsense' })).rejects.toThrow('A target is a URL');
  });
});
