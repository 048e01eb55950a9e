/**
 * The processes of bench/as2-drain.ts, as source for `node -e`: plain JavaScript on the built packages, since a loader of TypeScript in the
 * process would be measured with it.
 */

/** What a server says when it is ready. */
export interface ServerFacts {
  readonly url: string;
  readonly tokenId: string;
  readonly tokenSecret: string;
  /** Answers how often each operation was called. */
  readonly calls: string;
  /** SHA-256 of the one large attachment, where the server knows it. */
  readonly sha256?: string;
}

const ready = `
process.stdin.resume().on('end', () => process.exit()); // ends with the bench, however that ends
`;

/** The gateway of the sandbox: it keeps, looks up, signs and encrypts as it does for tests. */
export const sandboxSource = (packageUrl: string): string => `
import http from 'node:http';
const { startAs2GatewaySandbox } = await import(${JSON.stringify(packageUrl)});
const [messages, bytes] = process.argv.slice(1).map(Number);
const gateway = await startAs2GatewaySandbox();
let sha256;
for (let index = 0; index < messages; index += 1) {
  const attachment = bytes > 1e6 ? { generate: { bytes, seed: 1 } } : { content: Buffer.alloc(bytes, index) };
  const sent = await gateway.partner('ACME').send({ subject: 'bench', attachments: [{ name: 'a.bin', ...attachment }] });
  sha256 = sent.attachments[0].sha256;
}
const figures = http.createServer((request, response) => response.end(JSON.stringify(gateway.calls)));
figures.listen(0, '127.0.0.1', () => {
  const { tokenId, tokenSecret } = gateway.credentials;
  console.log(JSON.stringify({ url: gateway.url, tokenId, tokenSecret, calls: 'http://127.0.0.1:' + figures.address().port, ...(bytes > 1e6 ? { sha256 } : {}) }));
});
${ready}`;

/** The same answers from memory, with next to no work: what is left is the client's own cost. */
export const sinkSource = `
import http from 'node:http';
const [messages, bytes] = process.argv.slice(1).map(Number);
const unread = new Set(Array.from({ length: messages }, (_, index) => '<' + String(index).padStart(9, '0') + '@acme.example>'));
const calls = {};
const block = Buffer.alloc(Math.min(bytes, 1048576), 7);
const message = (id) => ({
  id: 159592985268293, identifier: id, incoming: true, msgStatus: 'Received', mdnStatus: 'Sent Signed MDN', receiverIdentifier: 'HUB',
  senderIdentifier: 'ACME', subject: 'bench', failures: 0, attachmentPaths: ['AS2/files/HUB/ACME/inbox/1594924294698/a.bin'], compressed: false,
  signed: true, encrypted: true, mic: 'Ny0vYqqXvZCmsqfLkV9kT7oC7Ow=, sha1', micMatches: false, transportStatusReceived: 0, userAgent: 'bench',
  timestamp: 1594924294698, apiFetched: false, transportHeaders: { 'Message-ID': id, 'AS2-From': 'ACME', 'AS2-To': 'HUB', 'AS2-Version': '1.2' },
  mdnMessage: { mdnId: id, disposition: 'automatic-action/MDN-sent-automatically; processed', humanMessage: 'received', signed: true, incoming: false },
});
const json = (response, body) => {
  const text = JSON.stringify(body);
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) }).end(text);
};
const count = (name) => { calls[name] = (calls[name] ?? 0) + 1; };
const server = http.createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const [, first, , id, last] = url.pathname.split('/');
  if (first === 'calls') return json(response, calls);
  if (first === 'authorize') { count('authorize'); return request.resume().on('end', () => json(response, { apiToken: 't', refreshToken: 'r', apiTokenExpiryIn: 3600 })); }
  if (first === 'file') {
    count('file');
    response.writeHead(200, { 'content-length': bytes });
    let left = bytes;
    const more = () => {
      while (left > 0) {
        const size = Math.min(left, block.length);
        left -= size;
        if (!response.write(size === block.length ? block : block.subarray(0, size))) return void response.once('drain', more);
      }
      response.end();
    };
    return more();
  }
  if (id === undefined) {
    count('list');
    let skip = Number(url.searchParams.get('pageOffset')) * 100;
    const page = [];
    for (const each of unread) { if (skip > 0) skip -= 1; else if (page.push(each) === 100) break; }
    return json(response, { messages: page });
  }
  if (last === 'attachments') { count('attachments'); return json(response, { total: 1, attachments: [{ name: 'a.bin', url: origin + '/file?X-Amz-Expires=600' }] }); }
  const read = url.searchParams.get('markAsRead') === 'true';
  count(read ? 'mark read' : 'get');
  if (read) unread.delete(decodeURIComponent(id));
  json(response, message(decodeURIComponent(id)));
});
let origin;
server.listen(0, '127.0.0.1', () => {
  origin = 'http://127.0.0.1:' + server.address().port;
  console.log(JSON.stringify({ url: origin, tokenId: 'i', tokenSecret: 's', calls: origin + '/calls' }));
});
${ready}`;

const prelude = `
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
const { url, tokenId, tokenSecret } = JSON.parse(process.argv[1]);
const report = (facts) => {
  const peakMb = Number(/^VmHWM:\\s+(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024 / 1e6;
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  console.log(JSON.stringify({ ...facts, peakMb, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 }));
};
const hashing = () => {
  const hash = createHash('sha256');
  let bytes = 0;
  const sink = new Writable({ write(chunk, encoding, done) { bytes += chunk.length; hash.update(chunk); done(); } });
  return { sink, facts: () => ({ bytes, sha256: hash.digest('hex') }) };
};
let taken = 0;
let received = 0;
`;

const client = (packageUrl: string): string => `
const { As2GatewayClient } = await import(${JSON.stringify(packageUrl)});
const gateway = new As2GatewayClient({ baseUrl: url, auth: { tokenId, tokenSecret }, limit: false });
`;

// Written as a careful user would: oldest first, from page 0 again and again, every attachment, kept connections, the length
// checked, the mark set last. No retries, no renewal of tokens, no clocks, no schemas.
const bare = (transportUrl: string, read: string): string => `
const axios = createRequire(${JSON.stringify(transportUrl)})('axios');
const httpAgent = new http.Agent({ keepAlive: true });
const { data: { apiToken } } = await axios.post(url + '/authorize', { tokenID: tokenId, tokenSecret }, { httpAgent });
const api = axios.create({ baseURL: url, httpAgent, headers: { authorization: apiToken } });
const get = async (path, params) => (await api.get(path, { params: { service: 'as2', ...params } })).data;
const files = axios.create({ httpAgent, responseType: 'stream', maxContentLength: Infinity });
const start = performance.now();
for (;;) {
  const { messages } = await get('/message/inbox', { fetchAll: false, sortDir: 'asc', pageLength: 100, pageOffset: 0, stationIdentifier: 'HUB' });
  if (messages.length === 0) break;
  for (const id of messages) {
    const path = '/message/inbox/' + encodeURIComponent(id);
    ${read}
    for (const attachment of attachments) {
      const { data, headers } = await files.get(attachment.url);
      let size = 0;
      for await (const chunk of data) size += chunk.length;
      if (size !== Number(headers['content-length'])) throw new Error('short');
      received += size;
    }
    await get(path, { markAsRead: true });
    taken += 1;
  }
}
report({ seconds: (performance.now() - start) / 1000, taken, received });
`;

const drain = `
const start = performance.now();
for await (const message of gateway.inbox.drain({ station: 'HUB' })) {
  for (const attachment of message.attachments) for await (const chunk of await attachment.open()) received += chunk.length;
  await message.acknowledge();
  taken += 1;
}
report({ seconds: (performance.now() - start) / 1000, taken, received });
await gateway.close();
`;

const large = `
for await (const message of gateway.inbox.drain({ station: 'HUB' })) {
  const { sink, facts } = hashing();
  const start = performance.now();
  await pipeline(await message.attachments[0].open(), sink);
  const seconds = (performance.now() - start) / 1000;
  await message.acknowledge();
  report({ seconds, ...facts() });
}
await gateway.close();
`;

const bareLarge = (packageUrl: string): string => `
${client(packageUrl)}
const { ids } = await gateway.inbox.list();
const { attachments } = await gateway.inbox.attachments(ids[0]);
await gateway.close();
const { sink, facts } = hashing();
const start = performance.now();
const response = await new Promise((done, failed) => http.get(attachments[0].url, done).on('error', failed));
await pipeline(response, sink);
report({ seconds: (performance.now() - start) / 1000, ...facts() });
`;

/** What a process of the bench does, by name. */
export const sources = (packageUrl: string, transportUrl: string) => {
  const oneByOne = `
    const message = await get(path, { markAsRead: false });
    const { attachments } = await get(path + '/attachments');`;
  const atOnce = `
    const [message, { attachments }] = await Promise.all([get(path, { markAsRead: false }), get(path + '/attachments')]);`;
  const all = {
    'bare axios': bare(transportUrl, oneByOne),
    'bare axios, message and files at once': bare(transportUrl, atOnce),
    drain: client(packageUrl) + drain,
    'large, drain': client(packageUrl) + large,
    'large, bare node:http': bareLarge(packageUrl),
  };
  return Object.fromEntries(
    Object.entries(all).map(([name, source]) => [name, prelude + source]),
  ) as Readonly<Record<keyof typeof all, string>>;
};
