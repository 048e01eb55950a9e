import { createHash } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import type { BucketFault, BucketRequest } from './bucket-fault';
import { readBucketRequest } from './bucket-fault';
import type { BucketUploads } from './bucket-uploads';
import { createBucketUploads } from './bucket-uploads';
import { listPage } from './list-page';
import { isSigned } from './signature';

/**
 * Stands before the server of a test bucket and does what Amazon S3 does and that server does not: conditional writes,
 * the comparison of what was signed and summed with what came, no anonymous access, the end and the list of uploads in
 * parts, and nothing visible of a put that was cut off. And lets go wrong what a test wants.
 */
export interface BucketFront {
  readonly url: string;
  /** Of each operation, how often it was asked for. */
  readonly calls: Readonly<Record<string, number>>;
  /** Decides about each request; undefined lets it pass. */
  onRequest(decide: (request: BucketRequest) => BucketFault | undefined): void;
  readonly uploads: BucketUploads;
  /** From now on writes under a name that is taken are no longer refused. */
  overwrite(): void;
  /** From now on a page of the list has so many objects. */
  listBy(count: number): void;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export async function startBucketFront(options: {
  readonly inner: number;
  readonly port: number;
  readonly directory: string;
  readonly bucket: string;
  /** Of the one account there is: name and secret. */
  readonly account: string;
}): Promise<BucketFront> {
  const { inner, port, directory, bucket, account } = options;
  const uploads = createBucketUploads(directory);
  const calls: Record<string, number> = {};
  const turns = new Map<string, Promise<unknown>>();
  let conditional = true;
  let pageKeys = 1_000;
  let decide: (request: BucketRequest) => BucketFault | undefined = () => undefined;

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  server.on('connection', (socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const front: BucketFront = {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    calls,
    onRequest: (given) => void (decide = given),
    uploads,
    listBy: (count) => void (pageKeys = count),
    overwrite: () => void (conditional = false),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return front;

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', front.url);
    const request = readBucketRequest(incoming.method ?? 'GET', url, incoming.headers);
    calls[request.operation] = (calls[request.operation] ?? 0) + 1;
    const fault = decide(request);
    if (fault?.kind === 'cut') {
      incoming.once('data', () => incoming.socket.destroy());
      incoming.once('end', () => incoming.socket.destroy());
      return;
    }
    // Whole, before anything of it is seen: a put that is cut off leaves nothing.
    const body = await buffer(incoming);
    if (fault?.kind === 'slow') await sleep(fault.ms);
    const answer =
      fault?.kind === 'answer'
        ? errorAnswer(fault.status, fault.code, fault)
        : await inTurn(request, incoming, body);
    if (fault?.kind === 'lost') return void response.destroy();
    response.writeHead(answer.status, answer.headers);
    if (fault?.kind === 'half' && answer.body.length > 1) {
      response.write(answer.body.subarray(0, answer.body.length / 2), () => response.destroy());
      return;
    }
    response.end(incoming.method === 'HEAD' ? undefined : answer.body);
  }

  /** Writes of one name one after the other, so that of two conditional ones one wins. */
  function inTurn(request: BucketRequest, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
    const before = turns.get(request.name) ?? Promise.resolve();
    const mine = before.then(() => answer(request, incoming, body));
    turns.set(
      request.name,
      mine.catch(() => undefined),
    );
    return mine;
  }

  async function answer(request: BucketRequest, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
    const { operation, name, uploadId } = request;
    const query = new URL(incoming.url ?? '/', front.url).searchParams;
    const refusal = refuse(request, body);
    if (refusal !== undefined) return refusal;
    // The server does not know the first two, and knows the third one otherwise.
    const isOurs = ['uploads', 'abort', 'list'].includes(operation);
    if (isOurs && !hasSignature(incoming)) return errorAnswer(403, 'SignatureDoesNotMatch');
    const isTaken = (): Promise<boolean> =>
      passOn(`/${bucket}/${name}`, 'HEAD', {}).then(({ status }) => status === 200);
    if (conditional && incoming.headers['if-none-match'] === '*' && (await isTaken()))
      return errorAnswer(412, 'PreconditionFailed');
    if (uploadId !== null && !uploads.has(uploadId)) return errorAnswer(404, 'NoSuchUpload');
    if (operation === 'uploads') {
      return xmlAnswer(200, uploads.xml(query.get('prefix') ?? ''));
    }
    if (operation === 'list') {
      const page = listPage(bucket, query, pageKeys);
      const listed = await passOn(page.path, 'GET', {});
      return listed.status === 200 ? xmlAnswer(200, page.complete(listed.body.toString())) : listed;
    }
    if (operation === 'abort' && uploadId !== null) {
      await uploads.abort(uploadId);
      return { status: 204, headers: {}, body: Buffer.alloc(0) };
    }
    if (operation === 'complete' && uploadId !== null) {
      const parts = body.toString().split('<PartNumber>').length - 1;
      if (!(await uploads.areLarge(uploadId, parts))) return errorAnswer(400, 'EntityTooSmall');
    }
    const { method = 'GET', url = '/', headers } = incoming;
    const passed = await passOn(url, method, headers, body);
    if (operation === 'begin')
      uploads.add(/<UploadId>([^<]+)</.exec(passed.body.toString())?.[1] ?? '', name);
    if (operation === 'complete' && passed.status === 200 && uploadId !== null) uploads.forget(uploadId);
    return passed;
  }

  function hasSignature({ method = 'GET', url = '/', headers }: IncomingMessage): boolean {
    const secretOf = (id: string): string | undefined => (id === account ? account : undefined);
    return isSigned({ method, url: new URL(url, front.url), headers }, secretOf);
  }

  function passOn(
    path: string,
    method: string,
    headers: OutgoingHttpHeaders,
    body: Buffer = Buffer.alloc(0),
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const out = send({ host: '127.0.0.1', port: inner, path, method, headers, agent: false }, (reply) => {
        buffer(reply).then(
          (whole) => resolve({ status: reply.statusCode ?? 500, headers: reply.headers, body: whole }),
          reject,
        );
      });
      out.on('error', reject);
      out.end(body);
    });
  }
}

/** What the server lets pass and S3 does not. */
function refuse({ headers }: BucketRequest, body: Buffer): Answer | undefined {
  if (headers['authorization'] === undefined) return errorAnswer(403, 'AccessDenied');
  const signed = headers['x-amz-content-sha256'];
  if (typeof signed === 'string' && /^[0-9a-f]{64}$/.test(signed) && signed !== hash('sha256', body, 'hex'))
    return errorAnswer(400, 'XAmzContentSHA256Mismatch');
  const sum = headers['content-md5'];
  if (sum !== undefined && sum !== hash('md5', body, 'base64')) return errorAnswer(400, 'BadDigest');
  return undefined;
}

const hash = (name: string, body: Buffer, encoding: 'hex' | 'base64'): string =>
  createHash(name).update(body).digest(encoding);

const xmlAnswer = (status: number, text: string, headers = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/xml', ...headers },
  body: Buffer.from(text),
});

function errorAnswer(status: number, code: string, { retryAfter }: { retryAfter?: number } = {}): Answer {
  const text = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>of the test</Message></Error>`;
  return xmlAnswer(status, text, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
}
