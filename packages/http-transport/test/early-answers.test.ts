import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { Readable } from 'node:stream';
import type { MftBridgeError, RequestBody, Safety, Transport } from '../src/index';
import { makeAuthority } from './certificates';
import type { Authority } from './certificates';
import { failure } from './loopback-server';
import { closeTransports, post, testTransport } from './transports';

/**
 * Reads the head of a request and what comes with it, says `answer`, and hangs up: bytes that it has not read lie in its socket, so the
 * kernel resets the connection while the client is writing. In a process of its own, since in one process the client is never caught
 * within a write.
 */
const hangUpServer = `
const { answer, tls } = JSON.parse(process.argv[1]);
const serve = (socket) => {
  socket.on('error', () => undefined);
  socket.once('data', () => { socket.write(answer, () => socket.destroy()); });
};
const server = tls === undefined ? require('node:net').createServer(serve) : require('node:tls').createServer(tls, serve);
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume().on('end', () => process.exit());
`;

const said = (status: number, body: string): string =>
  `HTTP/1.1 ${String(status)} Said\r\ncontent-type: application/json\r\ncontent-length: ${String(body.length)}\r\nconnection: close\r\n\r\n${body}`;
const tooLarge = said(413, '{"error":"too large"}');

const size = 12 * 1024 * 1024;
const whole = Buffer.alloc(size, 1);
function* pieces(): Generator<Buffer> {
  for (let at = 0; at < size; at += 1 << 16) yield whole.subarray(at, at + (1 << 16));
}
const open = (): Readable => Readable.from(pieces(), { objectMode: false });
const bodies: readonly [string, RequestBody][] = [
  ['bytes', { bytes: whole }],
  ['a stream of known length', { open, length: size }],
  ['a stream of unknown length', { open }],
];

jest.setTimeout(180_000);

const children: ChildProcess[] = [];
async function server(answer: string, tls?: { key: string; cert: string }): Promise<string> {
  const child = spawn(process.execPath, ['-e', hangUpServer, JSON.stringify({ answer, tls })], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const port = await new Promise<string>((done) => child.stdout.once('data', (data) => done(String(data))));
  return `${tls === undefined ? 'http://127.0.0.1' : 'https://localhost'}:${port.trim()}`;
}

let authority: Authority;
beforeAll(() => {
  authority = makeAuthority();
});
afterAll(() => authority.remove());
afterEach(async () => {
  await closeTransports();
  for (const child of children.splice(0)) child.kill();
});

/** How fifty calls ended, and how often each. */
async function fifty(transport: Transport, body: RequestBody, safety: Safety = 'unsafe') {
  const seen: Record<string, number> = {};
  for (let call = 0; call < 50; call += 1) {
    const error = await failure<MftBridgeError & { status?: number; attempts: number }>(
      transport.call(
        post(safety, () => body),
        undefined,
      ),
    );
    const { name, status, outcome, attempts } = error;
    const text = [name, status, outcome, attempts].filter((word) => word !== undefined).join(' ');
    seen[text] = (seen[text] ?? 0) + 1;
  }
  return seen;
}

describe('a server that answers before it has read the body, and hangs up', () => {
  it.each(bodies)('is heard each time: %s', async (_, body) => {
    const transport = testTransport({ baseUrl: await server(tooLarge) });
    expect(await fifty(transport, body)).toEqual({ 'PayloadTooLargeError 413 rejected 1': 50 });
    // What may be repeated is not: the answer is final.
    expect(await fifty(transport, body, 'idempotent')).toEqual({ 'PayloadTooLargeError 413 rejected 1': 50 });
  });

  it.each(bodies)('is heard each time by TLS: %s', async (_, body) => {
    const tls = authority.issue('localhost', 'subjectAltName=DNS:localhost');
    const transport = testTransport({ baseUrl: await server(tooLarge, tls), egress: { ca: authority.ca } });
    expect(await fifty(transport, body)).toEqual({ 'PayloadTooLargeError 413 rejected 1': 50 });
  });

  it('is not believed when it says that all went well', async () => {
    const transport = testTransport({ baseUrl: await server(said(200, '{}')) });
    expect(await fifty(transport, { bytes: whole })).toEqual({ 'ConnectionError unknown 1': 50 });
  });

  it('is a connection error, without a wait, when it says nothing', async () => {
    const transport = testTransport({ baseUrl: await server('') });
    const start = performance.now();
    expect(await fifty(transport, { bytes: whole })).toEqual({ 'ConnectionError unknown 1': 50 });
    // Fifty waits to the bound would be fifty seconds.
    expect(performance.now() - start).toBeLessThan(40_000);
  });
});
