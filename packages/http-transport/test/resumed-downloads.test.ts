import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { staticSession } from '../src/index';
import type { CallOptions, Download, RetryEvent, Safety, TransportOptions } from '../src/index';
import { failure, loopback, sha256 } from './loopback-server';
import type { Loopback } from './loopback-server';
import { etag, rangeStore } from './range-store';
import type { Store } from './range-store';
import { closeTransports, get, testTransport } from './transports';

let server: Loopback;
afterEach(async () => {
  await closeTransports();
  await server.close();
});

const file = randomBytes(3_000_000);

const store = async (options: Store): Promise<void> => {
  server = await rangeStore(file, options);
};

const retries: RetryEvent[] = [];
beforeEach(() => void retries.splice(0));
async function open(
  options: Partial<TransportOptions> = {},
  call: CallOptions = {},
  safety: Safety = 'safe',
): Promise<Download> {
  const transport = testTransport({
    baseUrl: server.url,
    session: staticSession({ name: 'authorization', value: 'Bearer T' }),
    ...options,
  });
  transport.on('retry', (event) => retries.push(event));
  return transport.download(get('/file', safety), undefined, call);
}
const hashOf = async (stream: Readable): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return hash.digest('hex');
};
const asked = (): (string | undefined)[] => server.seen.map(({ headers }) => headers.range);
const brokenOff = { name: 'ConnectionError', message: expect.stringContaining('broke off') };

it('goes on where the body broke off, as often as it takes, and hands out the same bytes', async () => {
  await store({ cuts: [1_000_000, 700_000, 300_000] });
  const { body, size } = await open();
  expect(size).toBe(file.length);
  await expect(hashOf(body)).resolves.toBe(sha256(file));
  const from = retries.map(({ fromByte }) => fromByte!);
  expect(from).toHaveLength(3);
  expect(from).toEqual([...from].sort((a, b) => a - b));
  expect(asked()).toEqual([undefined, ...from.map((byte) => `bytes=${byte}-`)]);
  for (const { headers } of server.seen.slice(1)) {
    expect(headers).toMatchObject({
      'if-range': etag,
      authorization: 'Bearer T',
      'accept-encoding': 'identity',
    });
  }
  expect(retries[0]).toMatchObject({ reason: 'cut', operation: 'things.get', attempt: 1 });
});

it('goes on after the server stood still', async () => {
  await store({ cuts: [1_000_000], cut: () => undefined });
  const { body } = await open({ clocks: { idleMs: 150 } });
  await expect(hashOf(body)).resolves.toBe(sha256(file));
  expect(retries).toMatchObject([{ reason: 'timeout' }]);
});

it('goes on with a link, without token and by the same rules', async () => {
  await store({ cuts: [1_000_000] });
  const transport = testTransport({
    baseUrl: server.url,
    session: staticSession({ name: 'authorization', value: 'Bearer T' }),
  });
  const rules = { hosts: [], allowLoopbackHttp: true, operation: 'attachments.open' };
  const { body } = await transport.downloadUrl(`${server.url}/file?X-Amz-Signature=s`, rules);
  await expect(hashOf(body)).resolves.toBe(sha256(file));
  expect(server.seen.map(({ url }) => url)).toEqual(['/file?X-Amz-Signature=s', '/file?X-Amz-Signature=s']);
  expect(server.seen[1]!.headers).not.toHaveProperty('authorization');
});

it('bears a server that fails now and then while it goes on', async () => {
  let turn = 0;
  await store({
    cuts: [1_000_000],
    rest: (from, response, { socket }) => {
      turn += 1;
      if (turn === 1) socket.resetAndDestroy();
      else if (turn === 2) response.writeHead(503).end();
      else {
        response.writeHead(206, { etag, 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` });
        response.end(file.subarray(from));
      }
    },
  });
  const { body } = await open();
  await expect(hashOf(body)).resolves.toBe(sha256(file));
  expect(retries.map(({ reason }) => reason)).toEqual(['cut', 'connection', 'status']);
});

const last = file.length - 1;
const whole = { 'accept-ranges': 'bytes', etag };
it.each<[string, NonNullable<Store['rest']>]>([
  ['another version, whole', (_, response) => response.writeHead(200, { ...whole, etag: '"v2"' }).end(file)],
  ['the same file, but whole', (_, response) => response.writeHead(200, whole).end(file)],
  [
    'a part of another version',
    (from, response) =>
      response
        .writeHead(206, { etag: '"v2"', 'content-range': `bytes ${from}-${last}/${file.length}` })
        .end(file.subarray(from)),
  ],
  [
    'a part without ETag',
    (from, response) =>
      response
        .writeHead(206, { 'content-range': `bytes ${from}-${last}/${file.length}` })
        .end(file.subarray(from)),
  ],
  [
    'another part',
    (from, response) =>
      response
        .writeHead(206, { etag, 'content-range': `bytes ${from + 1}-${last}/${file.length}` })
        .end(file.subarray(from + 1)),
  ],
  [
    'a part of a longer file',
    (from, response) =>
      response
        .writeHead(206, { etag, 'content-range': `bytes ${from}-${last}/${file.length + 1}` })
        .end(file.subarray(from)),
  ],
  [
    'a part with a length that does not fit',
    (from, response) =>
      response
        .writeHead(206, {
          etag,
          'content-length': 5,
          'content-range': `bytes ${from}-${last}/${file.length}`,
        })
        .end('12345'),
  ],
  [
    'a compressed part',
    (from, response) =>
      response
        .writeHead(206, {
          etag,
          'content-encoding': 'gzip',
          'content-range': `bytes ${from}-${last}/${file.length}`,
        })
        .end(file.subarray(from)),
  ],
  ['a refusal', (_, response) => response.writeHead(403).end()],
  ['no such range', (_, response) => response.writeHead(416).end()],
])('ends with the break, and asks no further, where the server answers with %s', async (what, rest) => {
  await store({ cuts: [1_000_000], rest });
  const { body } = await open();
  await expect(failure(hashOf(body))).resolves.toMatchObject(brokenOff);
  expect(server.seen).toHaveLength(2);
  // What is on its way is given up with its connection; a small refusal was read, and its connection is kept.
  const kept = server.seen.length - (/^a refusal|^no such/.test(what) ? 1 : 2);
  while (server.sockets.size > kept) await new Promise((resolve) => setImmediate(resolve));
});

it.each<[string, Store['headers']]>([
  ['no ranges', { 'accept-ranges': undefined }],
  ['ranges of "none"', { 'accept-ranges': 'none' }],
  ['no ETag', { etag: undefined }],
  ['a weak ETag', { etag: 'W/"v1"' }],
  ['an ETag that is none', { etag: 'v1' }],
  ['no length', { 'content-length': undefined }],
  ['an encoded body', { 'content-encoding': 'gzip' }],
])('does not try where the server offers %s', async (_, headers) => {
  await store({ cuts: [1_000_000], headers });
  const { body } = await open();
  await expect(failure(hashOf(body))).resolves.toMatchObject(brokenOff);
  expect(server.seen).toHaveLength(1);
});

it('does not try where the caller said so, nor for a call that is not safe', async () => {
  await store({ cuts: [1_000_000, 1_000_000, 1_000_000] });
  const off = await open({}, { resume: false });
  await expect(failure(hashOf(off.body))).resolves.toMatchObject(brokenOff);
  for (const safety of ['idempotent', 'unsafe'] as const) {
    const { body } = await open({}, {}, safety);
    await expect(failure(hashOf(body))).resolves.toMatchObject(brokenOff);
  }
  expect(asked()).toEqual([undefined, undefined, undefined]);
});

it('spends the common budget, and ends with it', async () => {
  await store({ cuts: Array.from({ length: 50 }, () => 1000) });
  const { body } = await open({ now: () => 0, retry: { budget: { capacity: 7 } } });
  await expect(failure(hashOf(body))).resolves.toMatchObject(brokenOff);
  expect(server.seen).toHaveLength(8);
});

it('counts towards maxAttempts only tries that bring nothing', async () => {
  await store({ cuts: [1_000_000], rest: (_, __, { socket }) => void socket.resetAndDestroy() });
  const { body } = await open({ retry: { maxAttempts: 3 } });
  await expect(failure(hashOf(body))).resolves.toMatchObject(brokenOff);
  // The first, and two that try to go on.
  expect(server.seen).toHaveLength(3);
});

it('does not read ahead of a reader that has stopped, before and after a break', async () => {
  await store({ cuts: [1_500_000] });
  const { body } = await open();
  body.read(0);
  while (server.seen.length < 2) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(body.readableLength).toBeLessThan(2_200_000);
  await expect(hashOf(body)).resolves.toBe(sha256(file));
});

it.each(['destroyed', 'aborted', 'closed'])('waits and asks no more once it is %s', async (how) => {
  await store({ cuts: [1_000_000] });
  const given = new AbortController();
  let slept: AbortSignal | undefined;
  const transport = testTransport({
    baseUrl: server.url,
    sleep: (_, signal) =>
      new Promise((_resolve, reject) => {
        slept = signal;
        signal!.addEventListener('abort', () => reject(new Error('woken')));
      }),
  });
  const { body } = await transport.download(get('/file'), undefined, { signal: given.signal });
  const reading = failure<Error>(hashOf(body));
  while (slept === undefined) await new Promise((resolve) => setImmediate(resolve));
  if (how === 'destroyed') body.destroy();
  else if (how === 'aborted') given.abort();
  else await transport.close();
  expect((await reading).name).toMatch(how === 'destroyed' ? /Error/ : /^AbortedError$/);
  if (!body.closed) await once(body, 'close');
  expect(slept.aborted).toBe(true);
  expect(server.seen).toHaveLength(1);
});

it('frees the connection of the rest when it is destroyed while that is on its way', async () => {
  await store({ cuts: [1_000_000], rest: () => undefined });
  const { body } = await open();
  const reading = failure(hashOf(body));
  while (server.seen.length < 2) await new Promise((resolve) => setImmediate(resolve));
  body.destroy();
  await reading;
  while (server.sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
});

it('keeps the total clock over all parts', async () => {
  await store({ cuts: [1_000_000], cut: ({ socket }) => void socket.destroy(), rest: () => undefined });
  const { body } = await open({ clocks: { totalMs: 300, headersMs: 5000 } });
  await expect(failure(hashOf(body))).resolves.toMatchObject({ name: 'TimeoutError', clock: 'total' });
});

it('takes no part for the whole where it asked for none', async () => {
  server = await loopback((_, response) => {
    response.writeHead(206, { 'content-length': 5, 'content-range': 'bytes 0-4/100' }).end('parts');
  });
  const error = await failure(open());
  expect(error).toMatchObject({
    name: 'ResponseShapeError',
    message: expect.stringContaining('only a part'),
  });
  expect(server.seen).toHaveLength(1);
  while (server.sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
});
