import { getEventListeners } from 'node:events';
import { Readable } from 'node:stream';
import { AbortedError, TimeoutError } from '../src/index';
import type { Clocks } from '../src/index';
import { failure, json, loopback } from './loopback-server';
import type { Loopback } from './loopback-server';
import { closeTransports, get, post, testTransport } from './transports';

let server: Loopback;
afterEach(async () => {
  await closeTransports();
  await server.close();
});

const once = { retry: { maxAttempts: 1 } };
const clocks = (some: Partial<Clocks>): { clocks: Clocks } => ({
  clocks: { headersMs: 0, idleMs: 0, totalMs: 0, ...some },
});
const every = (ms: number, times: number, act: (turn: number) => void): void => {
  let turn = 0;
  const timer = setInterval(() => {
    act(turn);
    turn += 1;
    if (turn >= times) clearInterval(timer);
  }, ms);
};

describe('the headers clock', () => {
  it('ends a try whose answer does not begin', async () => {
    server = await loopback(() => undefined);
    const transport = testTransport({ baseUrl: server.url, ...once, ...clocks({ headersMs: 80 }) });
    const error = await failure<TimeoutError>(transport.call(get(), undefined));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ clock: 'headers', limitMs: 80, outcome: 'unknown' });
  });

  it('runs per try, so that the next one can succeed', async () => {
    let first = true;
    server = await loopback((_, response) => {
      if (!first) json(response, 200, { ok: true });
      first = false;
    });
    const transport = testTransport({ baseUrl: server.url, ...clocks({ headersMs: 150 }) });
    await expect(transport.send(get(), undefined)).resolves.toMatchObject({ attempts: 2 });
  });

  it('does not run while the body of the request moves, however slowly', async () => {
    server = await loopback((_, response) => json(response, 200, {}));
    const slow = (): Readable => {
      const body = new Readable({ read: () => undefined });
      every(40, 8, (turn) => body.push(turn === 7 ? null : Buffer.alloc(1000)));
      return body;
    };
    const transport = testTransport({
      baseUrl: server.url,
      ...once,
      ...clocks({ headersMs: 150, idleMs: 150 }),
    });
    await transport.call(
      post('unsafe', () => ({ open: slow })),
      undefined,
    );
    expect(server.seen[0]!.bytes).toBe(7000);
  });
});

describe('the idle clock', () => {
  it('ends an upload that stands still because its source does', async () => {
    server = await loopback((_, response) => json(response, 200, {}));
    const stalled = (): Readable => {
      const body = new Readable({ read: () => undefined });
      body.push(Buffer.alloc(1000));
      return body;
    };
    const transport = testTransport({ baseUrl: server.url, ...once, ...clocks({ idleMs: 100 }) });
    const error = await failure(
      transport.call(
        post('unsafe', () => ({ open: stalled })),
        undefined,
      ),
    );
    expect(error).toMatchObject({ name: 'TimeoutError', clock: 'idle', outcome: 'unknown' });
  });

  it('ends an upload that stands still because the server reads no more', async () => {
    server = await loopback(
      () => undefined,
      (request) => {
        request.pause();
        return true;
      },
    );
    const transport = testTransport({ baseUrl: server.url, ...once, ...clocks({ idleMs: 150 }) });
    const bytes = Buffer.alloc(64 * 1024 * 1024);
    const error = await failure(
      transport.call(
        post('unsafe', () => ({ bytes })),
        undefined,
      ),
    );
    expect(error).toMatchObject({ name: 'TimeoutError', clock: 'idle' });
  });

  it('lets one large Buffer pass that moves slowly', async () => {
    server = await loopback(
      () => undefined,
      (request, response) => {
        let got = 0;
        request.on('data', (chunk: Buffer) => {
          got += chunk.length;
          request.pause();
          setTimeout(() => request.resume(), 1);
        });
        request.on('end', () => json(response, 200, { got }));
        return true;
      },
    );
    const transport = testTransport({
      baseUrl: server.url,
      ...once,
      ...clocks({ idleMs: 300, headersMs: 300 }),
    });
    const bytes = Buffer.alloc(48 * 1024 * 1024);
    const began = Date.now();
    await expect(
      transport.call(
        post('unsafe', () => ({ bytes })),
        undefined,
      ),
    ).resolves.toEqual({ got: bytes.length });
    // Else this test would not show that the whole took longer than the clock.
    expect(Date.now() - began).toBeGreaterThan(300);
  });

  it('ends an answer that stands still, and lets one pass that trickles', async () => {
    server = await loopback((request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      if (request.url === '/stall') response.write('x');
      else
        every(40, 8, (turn) => {
          if (turn === 7) response.end();
          else response.write('x');
        });
    });
    const transport = testTransport({ baseUrl: server.url, ...once, ...clocks({ idleMs: 150 }) });
    await expect(transport.call(get('/trickle'), undefined)).resolves.toBe('xxxxxxx');
    await expect(transport.call(get('/stall'), undefined)).rejects.toMatchObject({ clock: 'idle' });
  });
});

describe('the total clock', () => {
  it('ends what trickles for ever', async () => {
    server = await loopback((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    const transport = testTransport({ baseUrl: server.url, ...clocks({ totalMs: 200, idleMs: 150 }) });
    const error = await failure(transport.call(get(), undefined));
    expect(error).toMatchObject({ name: 'TimeoutError', clock: 'total', limitMs: 200, outcome: 'unknown' });
  });

  it('says that nothing was sent when it ran out in the queue of the limiter', async () => {
    server = await loopback((_, response) => json(response, 200, {}));
    const transport = testTransport({
      baseUrl: server.url,
      limit: { perSecond: 0.01, burst: 1 },
      sleep: undefined,
      ...clocks({ totalMs: 100 }),
    });
    await transport.call(get(), undefined);
    await expect(transport.call(get(), undefined)).rejects.toMatchObject({
      clock: 'total',
      outcome: 'not-sent',
    });
    expect(server.seen).toHaveLength(1);
  });
});

describe('an abort', () => {
  it('ends the request and frees its connection', async () => {
    server = await loopback(() => undefined);
    const given = new AbortController();
    const transport = testTransport({ baseUrl: server.url });
    const call = failure(
      transport.call(
        post('unsafe', () => ({ json: 1 })),
        undefined,
        { signal: given.signal },
      ),
    );
    while (server.seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    given.abort(new Error('reason of the caller'));
    const error = await call;
    expect(error).toBeInstanceOf(AbortedError);
    expect(error).toMatchObject({ outcome: 'unknown', attempts: 1 });
    while (server.sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('before the call sends nothing', async () => {
    server = await loopback((_, response) => json(response, 200, {}));
    const error = await failure(
      testTransport({ baseUrl: server.url }).call(get(), undefined, { signal: AbortSignal.abort() }),
    );
    expect(error).toMatchObject({ name: 'AbortedError', outcome: 'not-sent', attempts: 0 });
    expect(server.seen).toHaveLength(0);
  });

  it('ends a wait between two tries', async () => {
    server = await loopback((_, response) => json(response, 503, {}, { 'retry-after': '50' }));
    const given = new AbortController();
    const transport = testTransport({ baseUrl: server.url, sleep: undefined });
    transport.on('retry', () => setImmediate(() => given.abort()));
    await expect(transport.call(get(), undefined, { signal: given.signal })).rejects.toMatchObject({
      name: 'AbortedError',
      attempts: 1,
    });
  });

  // Node warns of a leak at the eleventh listener, and a program has one signal for its shutdown.
  it('needs one listener on a signal that many calls share', async () => {
    server = await loopback((_, response) => json(response, 200, {}));
    const transport = testTransport({ baseUrl: server.url });
    const { signal } = new AbortController();
    const calls = Array.from({ length: 40 }, () => transport.call(get(), undefined, { signal }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await Promise.all(calls);
  });
});

describe('close', () => {
  it('ends what is under way, refuses what comes, and frees the connections', async () => {
    server = await loopback((request, response) => {
      if (request.url === '/quick') json(response, 200, {});
    });
    const transport = testTransport({ baseUrl: server.url });
    await transport.call(get('/quick'), undefined);
    const hanging = failure(transport.call(get('/hang'), undefined));
    while (server.seen.length < 2) await new Promise((resolve) => setImmediate(resolve));
    await transport.close();
    await transport[Symbol.asyncDispose]();
    await expect(hanging).resolves.toMatchObject({
      name: 'AbortedError',
      message: expect.stringContaining('closed'),
    });
    await expect(transport.call(get(), undefined)).rejects.toMatchObject({
      name: 'AbortedError',
      outcome: 'not-sent',
    });
    while (server.sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('frees the connections also where the session fails to close, and says so without its words', async () => {
    server = await loopback((_, response) => json(response, 200, {}));
    const transport = testTransport({
      baseUrl: server.url,
      session: {
        header: () => Promise.resolve({ name: 'authorization', value: 'x' }),
        close: () => Promise.reject(new Error('CANARY')),
      },
    });
    await transport.call(get(), undefined);
    expect(server.sockets.size).toBe(1);
    const error = await failure<Error>(transport.close());
    expect(error).toMatchObject({ name: 'MftBridgeError', operation: 'transport.close' });
    expect(String(error.stack)).not.toContain('CANARY');
    while (server.sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
  });
});
