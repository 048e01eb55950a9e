import { Readable } from 'node:stream';
import fc from 'fast-check';
import { createTokenSession, isMftBridgeError } from '../src/index';
import type { MftBridgeError, Operation, Transport } from '../src/index';
import { json, loopback } from './loopback-server';
import type { Loopback } from './loopback-server';
import { closeTransports, testTransport } from './transports';

/**
 * A signal or `close()` may come between any two steps of a call: while it logs in, connects, sends, waits for a retry,
 * reads. Each run lets it come after another number of turns of the event loop.
 */
let server: Loopback;
/** Requests that began to arrive, also those whose body never ended. */
let arrived = 0;
const large = Buffer.alloc(300_000, 7);
const stray: unknown[] = [];
const note = (reason: unknown): unknown => stray.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', note);
  server = await loopback(
    (request, response, { url }) => {
      if (url === '/login') json(response, 200, { token: 't' });
      else if (url === '/file') response.writeHead(200, { 'content-length': large.length }).end(large);
      else if (arrived % 3 === 1) json(response, 503, {});
      else json(response, 200, { id: 1 });
    },
    ({ url }) => {
      if (url !== '/login') arrived += 1;
      return false;
    },
  );
});
afterAll(async () => {
  process.off('unhandledRejection', note);
  await server.close();
});
afterEach(closeTransports);

const login: Operation<void, { token: string }> = {
  name: 'session.login',
  method: 'POST',
  path: '/login',
  safety: 'unsafe',
  auth: 'none',
  output: { parse: (value) => value as { token: string } },
};
const upload: Operation<void, unknown> = {
  name: 'things.make',
  method: 'POST',
  path: '/things',
  safety: 'keyed',
  encode: () => ({ body: { open: () => Readable.from([large, large]), length: 2 * large.length } }),
};
const once: Operation<void, unknown> = { ...upload, safety: 'unsafe' };
const file: Operation<void, unknown> = { name: 'files.get', method: 'GET', path: '/file', safety: 'safe' };

const works: Readonly<Record<string, (transport: Transport, signal: AbortSignal) => Promise<unknown>>> = {
  upload: (transport, signal) => transport.call(upload, undefined, { signal }),
  'unsafe upload': (transport, signal) => transport.call(once, undefined, { signal, maxAttempts: 1 }),
  download: async (transport, signal) =>
    (await transport.download(file, undefined, { signal })).body.toArray(),
};

function client(): Transport {
  const session = createTokenSession({
    obtain: async (signal) => ({ value: (await transport.call(login, undefined, { signal })).token }),
    present: ({ value }) => ({ name: 'authorization', value }),
  });
  const transport: Transport = testTransport({ baseUrl: server.url, session });
  return transport;
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1)
    await new Promise<void>((resolve) => (turn % 3 === 0 ? setImmediate(resolve) : queueMicrotask(resolve)));
};

it.each(Object.keys(works))('a signal or close() ends it cleanly, and tells the truth: %s', async (name) => {
  let ended = 0;
  let whole = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 60 }), fc.constantFrom('signal', 'close'), async (moment, by) => {
      const before = arrived;
      const transport = client();
      const given = new AbortController();
      const work = works[name]!(transport, given.signal).then(
        () => undefined,
        (error: unknown) => error,
      );
      await turns(moment);
      if (by === 'signal') given.abort(new Error('CANARY'));
      else await transport.close();
      const error = (await work) as MftBridgeError | undefined;
      if (error === undefined) whole += 1;
      else {
        ended += 1;
        expect(isMftBridgeError(error)).toBe(true);
        expect(JSON.stringify(error) + String(error.stack)).not.toContain('CANARY');
        // A refusal of the server may be faster; what was given up is never told as another fault.
        expect(['AbortedError', 'ServiceUnavailableError']).toContain(error.name);
        await turns(9);
        if (error.outcome === 'not-sent') expect(arrived).toBe(before);
      }
      await transport.close();
      while (server.sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
    }),
    { numRuns: 60 },
  );
  expect(stray).toEqual([]);
  // Both happened, else the moments were no moments.
  expect({ ended: ended > 10, whole: whole > 0 }).toEqual({ ended: true, whole: true });
});

/** The places where code of the caller is called; each may abort the call, or close the client, from within. */
const places = [
  'encode',
  'open',
  'onSent',
  'header',
  'request',
  'response',
  'retry',
  'parse',
  'sleep',
] as const;
describe.each(['signal', 'close'] as const)('a call that is ended from within by %s', (by) => {
  it.each(places)('in %s, ends, and as what it is', async (place) => {
    const given = new AbortController();
    let closing: Promise<void> | undefined;
    const strike = (at: string): void => {
      if (at !== place) return;
      if (by === 'signal') given.abort();
      else closing = transport.close();
    };
    const transport: Transport = testTransport({
      baseUrl: server.url,
      session: {
        header: () => {
          strike('header');
          return Promise.resolve({ name: 'authorization', value: 'x' });
        },
      },
      sleep: () => {
        strike('sleep');
        return Promise.resolve();
      },
      random: () => 0.5,
    });
    for (const event of ['request', 'response', 'retry'] as const) transport.on(event, () => strike(event));
    const operation: Operation<void, unknown> = {
      ...upload,
      encode: () => {
        strike('encode');
        const open = (): Readable => {
          strike('open');
          return Readable.from([large]);
        };
        return { body: { open } };
      },
      output: {
        parse: (value) => {
          strike('parse');
          return value;
        },
      },
    };
    arrived = 0;
    const error = await transport
      .call(operation, undefined, { signal: given.signal, onSent: () => strike('onSent') })
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    await closing;
    // What was read whole before is handed out; everything else is given up.
    const late = place === 'parse' || (place === 'response' && error === undefined);
    if (late) expect(error).toBeUndefined();
    else expect(error).toMatchObject({ name: 'AbortedError' });
    await transport.close();
    while (server.sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(stray).toEqual([]);
  });
});
