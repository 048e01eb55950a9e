import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { forgetDeprecations } from '../src/deprecation-watch';
import type { DeprecationEvent, Operation } from '../src/index';
import { failure, json, loopback } from './loopback-server';
import type { Loopback } from './loopback-server';
import { closeTransports, get, testTransport } from './transports';

let server: Loopback;
let headers: Record<string, string> = {};
let status = 200;
beforeEach(async () => {
  headers = {};
  status = 200;
  forgetDeprecations();
  server = await loopback((_, response) => json(response, status, {}, headers));
});
afterEach(async () => {
  await closeTransports();
  await server.close();
});

describe('hooks', () => {
  it('tell of each request, answer and retry', async () => {
    const events: [string, unknown][] = [];
    status = 503;
    const transport = testTransport({ baseUrl: server.url, now: () => 5, random: () => 0.5 });
    transport.on('request', (event) => {
      if (event.attempt === 2) status = 200;
    });
    for (const name of ['request', 'response', 'retry'] as const)
      transport.on(name, (event) => events.push([name, event]));
    await transport.call(get('/thing/{id}'), undefined).catch(() => undefined);
    expect(events).toEqual([]);
    await transport.call(get(), undefined);
    const facts = {
      operation: 'things.get',
      method: 'GET',
      path: '/thing',
      host: `127.0.0.1:${server.port}`,
    };
    // The Date header of the server, which is this machine's.
    const serverTime = expect.closeTo(Date.now(), -4) as number;
    expect(events).toEqual([
      ['request', { ...facts, attempt: 1 }],
      ['response', { ...facts, attempt: 1, status: 503, requestId: undefined, durationMs: 0, serverTime }],
      ['retry', { ...facts, attempt: 1, reason: 'status', status: 503, afterMs: 125 }],
      ['request', { ...facts, attempt: 2 }],
      ['response', { ...facts, attempt: 2, status: 200, requestId: undefined, durationMs: 0, serverTime }],
    ]);
  });

  it('cannot break or change a call, and can be taken back', async () => {
    const transport = testTransport({ baseUrl: server.url });
    let heard = 0;
    const off = transport.on('request', (event) => {
      heard += 1;
      (event as { operation: string }).operation = 'changed';
    });
    transport.on('response', () => {
      throw new Error('observer');
    });
    await transport.call(get(), undefined);
    off();
    await transport.call(get(), undefined);
    expect(heard).toBe(1);
  });
});

it('a call goes through its stages in the order of the pipeline', async () => {
  const stages: string[] = [];
  const pass =
    <T>(stage: string, value: T) =>
    (): T => {
      stages.push(stage);
      return value;
    };
  headers = { deprecation: 'true' };
  const transport = testTransport({
    baseUrl: server.url,
    session: { header: pass('authorize', Promise.resolve({ name: 'authorization', value: 'x' })) },
    readError: pass('map error', {}),
  });
  for (const event of ['request', 'response', 'deprecation'] as const)
    transport.on(event, () => stages.push(event));
  const end = (): unknown => stages.push('end');
  for (const name of ['end', 'error']) subscribe(`mft-bridge:http:${name}`, end);
  const operation: Operation<void, unknown> = {
    ...get(),
    input: { parse: pass('validate input', undefined) },
    output: { parse: pass('validate output', undefined) },
  };
  const way = ['validate input', 'authorize', 'request', 'response'];
  await transport.call(operation, undefined);
  expect(stages.splice(0)).toEqual([...way, 'deprecation', 'validate output', 'end']);
  status = 404;
  await failure(transport.call(operation, undefined));
  for (const name of ['end', 'error']) unsubscribe(`mft-bridge:http:${name}`, end);
  expect(stages).toEqual([...way, 'map error', 'end']);
});

describe('spans', () => {
  it('begin and end with each call', async () => {
    const messages: [string, Record<string, unknown>][] = [];
    const note = (message: unknown, name: string | symbol): unknown =>
      messages.push([String(name), { ...(message as object) }]);
    const names = ['start', 'end', 'error'].map((phase) => `mft-bridge:http:${phase}`);
    for (const name of names) subscribe(name, note);
    const transport = testTransport({ baseUrl: server.url });
    await transport.call(get(), undefined);
    status = 404;
    await failure(transport.call(get(), undefined));
    for (const name of names) unsubscribe(name, note);
    const facts = {
      operation: 'things.get',
      method: 'GET',
      path: '/thing',
      host: `127.0.0.1:${server.port}`,
    };
    expect(messages).toEqual([
      ['mft-bridge:http:start', facts],
      ['mft-bridge:http:end', { ...facts, status: 200, attempts: 1 }],
      ['mft-bridge:http:start', facts],
      ['mft-bridge:http:error', { ...facts, error: 'NotFoundError' }],
    ]);
  });
});

describe('deprecation', () => {
  it.each<[Record<string, string>, Partial<DeprecationEvent> | undefined]>([
    [
      { deprecation: '@1735689600', sunset: 'Sat, 01 Nov 2025 00:00:00 GMT' },
      {
        source: 'deprecation',
        notice: 'The server declares this call deprecated since 2025-01-01.',
        sunset: 'Sat, 01 Nov 2025 00:00:00 GMT',
      },
    ],
    [{ deprecation: 'true' }, { source: 'deprecation' }],
    [{ deprecation: 'false' }, undefined],
    [{ sunset: 'Sat, 01 Nov 2025 00:00:00 GMT' }, { source: 'sunset' }],
    [
      { warning: '299 host "use \\"v2\\" instead"' },
      { source: 'warning', notice: 'The server warns: use "v2" instead' },
    ],
    [{ warning: '110 host "stale"' }, undefined],
    [{ link: '<https://x/v2>; rel="successor-version"' }, { source: 'link' }],
    [{ link: '<https://x/doc>; type="text/html"; rel=deprecation' }, { source: 'link' }],
    [{ link: 'https://api.example.com/message/outbox/<1@x>' }, undefined],
    [{}, undefined],
  ])('%j', async (sent, expected) => {
    headers = sent;
    const events: DeprecationEvent[] = [];
    const transport = testTransport({ baseUrl: server.url });
    transport.on('deprecation', (event) => events.push(event));
    await transport.call(get(), undefined);
    await transport.call(get(), undefined);
    expect(events).toEqual(
      expected === undefined ? [] : [expect.objectContaining({ operation: 'things.get', ...expected })],
    );
  });

  it('is told once per operation and process, also on failures and over several clients', async () => {
    headers = { deprecation: 'true' };
    status = 404;
    const events: DeprecationEvent[] = [];
    for (let clients = 0; clients < 3; clients += 1) {
      const transport = testTransport({ baseUrl: server.url });
      transport.on('deprecation', (event) => events.push(event));
      await failure(transport.call(get(), undefined));
      await failure(transport.call({ ...get(), name: 'things.other' }, undefined));
    }
    expect(events.map(({ operation }) => operation)).toEqual(['things.get', 'things.other']);
  });

  it('is told once in whichever header it comes', async () => {
    const events: string[] = [];
    const transport = testTransport({ baseUrl: server.url });
    transport.on('deprecation', ({ source }) => events.push(source));
    for (const sent of [{ link: '<x>; rel=deprecation' }, { deprecation: 'true' }, { sunset: 'soon' }]) {
      headers = sent;
      await transport.call(get(), undefined);
    }
    expect(events).toEqual(['link']);
  });

  it('comes from our own table as well, for a call or for an input that uses a deprecated field', async () => {
    const operation: Operation<{ old?: number }, unknown> = {
      ...get<{ old?: number }>(),
      deprecated: ({ old }) => (old === undefined ? undefined : 'The field "old" is deprecated; use "new".'),
    };
    const events: DeprecationEvent[] = [];
    const transport = testTransport({ baseUrl: server.url });
    transport.on('deprecation', (event) => events.push(event));
    await transport.call(operation, {});
    expect(events).toEqual([]);
    await transport.call(operation, { old: 1 });
    await transport.call({ ...get(), deprecated: 'Use things.list.' }, undefined);
    expect(events.map(({ source, notice }) => [source, notice])).toEqual([
      ['table', 'The field "old" is deprecated; use "new".'],
      ['table', 'Use things.list.'],
    ]);
  });

  it('is a process warning where nobody listens', async () => {
    headers = { deprecation: 'true', sunset: 'soon' };
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const transport = testTransport({ baseUrl: server.url });
    await transport.call(get(), undefined);
    await transport.call(get(), undefined);
    expect(warn.mock.calls).toEqual([
      [
        'things.get: The server declares this call deprecated. It may stop to work after soon.',
        { type: 'DeprecationWarning', code: 'MFT_BRIDGE_DEPRECATION' },
      ],
    ]);
    warn.mockRestore();
  });
});
