import { Readable } from 'node:stream';
import { RequestBodyError } from '../src/index';
import type { RequestBody } from '../src/index';
import { failure, json, loopback } from './loopback-server';
import type { Loopback } from './loopback-server';
import { closeTransports, post, testTransport } from './transports';

let server: Loopback;
afterEach(async () => {
  await closeTransports();
  await server.close();
});

describe('a body whose source fails', () => {
  it.each<[string, RequestBody, Partial<RequestBodyError>]>([
    [
      'cannot be opened',
      { open: () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOENT' })) },
      { code: 'ENOENT', outcome: 'not-sent' },
    ],
    [
      'breaks off',
      {
        open: () =>
          new Readable({
            read() {
              this.destroy(Object.assign(new Error('x'), { code: 'EIO' }));
            },
          }),
        length: 10,
      },
      { code: 'EIO' },
    ],
    ['is shorter than declared', { open: () => Readable.from([Buffer.alloc(5)]), length: 10 }, {}],
    ['is longer than declared', { open: () => Readable.from([Buffer.alloc(15)]), length: 10 }, {}],
    ['was closed before', { once: new Readable({ read: () => undefined }).destroy() }, {}],
  ])('%s', async (_, body, facts) => {
    server = await loopback((__, response) => json(response, 200, {}));
    const error = await failure(
      testTransport({ baseUrl: server.url }).call(
        post('safe', () => body),
        undefined,
      ),
    );
    expect(error).toBeInstanceOf(RequestBodyError);
    expect(error).toMatchObject({ ...facts, attempts: 1 });
    expect(server.seen).toHaveLength(0);
  });
});

describe('a source whose end is known only after its last byte', () => {
  /** As a file: the read that finds its end comes after the one that finds the last bytes. */
  const slowEnd = (last: string, atEnd: (source: Readable) => void): Readable => {
    const pieces = ['one ', 'two ', last];
    return new Readable({
      read() {
        const piece = pieces.shift();
        if (piece !== undefined) this.push(piece);
        else setTimeout(() => atEnd(this), 50);
      },
    });
  };

  it('is taken for sent where the server answers and closes at once', async () => {
    server = await loopback((_, response) => json(response, 200, { ok: true }));
    const open = (): Readable => slowEnd('three', (source) => source.push(null));
    const answer = await testTransport({ baseUrl: server.url }).call(
      post('unsafe', () => ({ open: () => Promise.resolve(open()), length: 13 })),
      undefined,
    );
    expect(answer).toEqual({ ok: true });
    expect(server.seen.map(({ body }) => body.toString())).toEqual(['one two three']);
  });

  it('is never sent whole where it goes on beyond what was declared', async () => {
    server = await loopback((_, response) => json(response, 200, {}));
    const open = (): Readable => slowEnd('three', (source) => source.push('more'));
    const error = await failure(
      testTransport({ baseUrl: server.url }).call(
        post('unsafe', () => ({ open: () => Promise.resolve(open()), length: 13 })),
        undefined,
      ),
    );
    expect(error).toBeInstanceOf(RequestBodyError);
    expect(server.seen).toHaveLength(0);
  });
});

it('frees sources and connection where the server answers before it has read everything', async () => {
  server = await loopback(
    () => undefined,
    (_, response) => {
      json(response, 413, {});
      return true;
    },
  );
  server.server.keepAliveTimeout = 0;
  const sources: Readable[] = [];
  const endless = (): Readable => {
    const source = new Readable({ read: () => void source.push(Buffer.alloc(65_536)) });
    sources.push(source);
    return source;
  };
  const error = await failure(
    testTransport({ baseUrl: server.url }).call(
      post('keyed', () => ({ open: endless })),
      undefined,
    ),
  );
  expect(error).toMatchObject({ name: 'PayloadTooLargeError', attempts: 1 });
  expect(sources.map(({ destroyed }) => destroyed)).toEqual([true]);
  while (server.sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
});

it('frees the connection of a large Buffer that the server did not read before it answered', async () => {
  server = await loopback(
    () => undefined,
    (request, response) => {
      request.pause();
      json(response, 413, {});
      return true;
    },
  );
  server.server.keepAliveTimeout = 0;
  const bytes = Buffer.alloc(64 * 1024 * 1024);
  await failure(
    testTransport({ baseUrl: server.url }).call(
      post('keyed', () => ({ bytes })),
      undefined,
    ),
  );
  // Data waits in front of the end of the stream; the server's own socket tells only once it is read.
  for (const socket of server.sockets) socket.resume();
  while (server.sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
});

it('reports the bytes of each try from 0', async () => {
  let first = true;
  server = await loopback((_, response) => {
    json(response, first ? 503 : 200, {});
    first = false;
  });
  const length = 2_000_000;
  const pieces = (): Readable => Readable.from(Array.from({ length: 20 }, () => Buffer.alloc(100_000)));
  const sent: number[] = [];
  await testTransport({ baseUrl: server.url }).call(
    post('keyed', () => ({ open: pieces, length })),
    undefined,
    { onSent: (bytes) => sent.push(bytes) },
  );
  expect(sent.filter((bytes) => bytes === length)).toHaveLength(2);
  expect(Math.min(...sent)).toBeGreaterThan(0);
  const again = sent.findIndex((bytes, at) => at > 0 && bytes < sent[at - 1]!);
  expect(sent.slice(0, again)).toEqual([...sent.slice(0, again)].sort((a, b) => a - b));
});
