/**
 * The processes of bench/metadefender-upload.ts, as source for `node -e`: plain JavaScript on the built package, since a loader of TypeScript in
 * the process would be measured with it.
 */

/** Answers the scanner's calls and throws the bytes away; counts requests, and when each status was asked for. */
export const sinkSource = `
const http = require('node:http');
let requests = 0;
let bytes = 0;
const looks = [];
const json = (response, body) => {
  const text = JSON.stringify(body);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
  response.end(text);
};
const asked = new Map();
const status = (response, id) => {
  looks.push(Date.now());
  const times = (asked.get(id) ?? 0) + 1;
  asked.set(id, times);
  const done = times > 3;
  json(response, {
    file_id: id, name: 'x.bin', size: 1, availability_state: done ? 'Available' : 'BeingProcessed',
    can_be_downloaded: done, is_locked: false, is_sanitized: false, unlock_eta: null,
    supervisor_approval_state: 'ApprovalDisabled', administrator_approval_state: 'ApprovalDisabled',
    scan_result: { workflow_result: 'Allowed', blocked_reason: '', actions_failed: '' },
  });
};
let next = 0;
const server = http.createServer((request, response) => {
  if (request.url === '/figures') return json(response, { requests, bytes, looks });
  if (request.url === '/reset') { requests = 0; bytes = 0; looks.length = 0; return json(response, {}); }
  requests += 1;
  const id = /\\/file\\/status\\/(\\w+)/.exec(request.url);
  if (id) return status(response, id[1]);
  request.on('data', (piece) => { bytes += piece.length; });
  request.on('end', () => {
    if (request.method === 'GET' && request.url.endsWith('/transfer')) return json(response, { group_id: request.headers.group_id });
    if (request.method === 'GET') return json(response, { file_id: (next += 1).toString(16).padStart(32, '0') });
    json(response, { result: 'success' });
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume().on('end', () => process.exit());
`;

/** The scanner of the sandbox: it checks each MD5, hashes the whole, and keeps the bytes encrypted in a temporary file. */
export const sandboxSource = (packageUrl: string): string => `
const { startMetaDefenderSandbox } = await import(${JSON.stringify(packageUrl)});
const { url } = await startMetaDefenderSandbox({ apiKeys: ['k'], scanTimeMs: 3_600_000 });
console.log(new URL(url).port);
process.stdin.resume().on('end', () => process.exit());
`;

const prelude = (packageUrl: string): string => `
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import http from 'node:http';
import { performance } from 'node:perf_hooks';
const [url, path] = process.argv.slice(1);
const CHUNK = 10 * 1024 * 1024;
const client = async (options = {}) => {
  const { MetaDefenderClient } = await import(${JSON.stringify(packageUrl)});
  return new MetaDefenderClient({ baseUrl: url, auth: { apiKey: 'k' }, ...options });
};
const report = (facts) => {
  const peakMb = Number(/^VmHWM:\\s+(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024 / 1e6;
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  console.log(JSON.stringify({ ...facts, peakMb, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 }));
};
`;

const bare = (hashed: boolean): string => `
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
const file = await open(path);
const { size } = await file.stat();
const buffers = Array.from({ length: 4 }, () => Buffer.allocUnsafeSlow(CHUNK));
const sha256 = createHash('sha256');
const call = (method, path, headers, data) => new Promise((resolve, reject) => {
  const length = data === undefined ? {} : { 'content-length': data.length };
  const request = http.request(url + '/vault_rest' + path, { method, agent, headers: { authorization: 'Bearer k', ...headers, ...length } }, (response) => {
    let text = '';
    response.on('data', (piece) => { text += piece; }).on('end', () => response.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(method + ' ' + path + ': ' + response.statusCode + ' ' + text)));
  });
  request.on('error', reject);
  request.end(data);
});
const start = performance.now();
const { group_id } = await call('GET', '/transfer', { group_id: randomUUID().replaceAll('-', '') });
const { file_id } = await call('GET', '/transfer_file', { group_id, transfer_method: 'Chunk', file_size: size, file_name: 'x.bin' });
const underWay = new Set();
for (let offset = 0; offset < size; offset += CHUNK) {
  while (buffers.length === 0) await Promise.race(underWay);
  const buffer = buffers.pop();
  const { bytesRead } = await file.read(buffer, 0, Math.min(CHUNK, size - offset), offset);
  const data = buffer.subarray(0, bytesRead);
  let md5;
  if (${String(hashed)}) { sha256.update(data); md5 = createHash('md5').update(data).digest('hex'); }
  const headers = { group_id, file_id, chunk_offset: offset, ...(md5 ? { chunk_checksum: md5 } : {}) };
  const sent = call('PATCH', '/transfer_file', headers, data).then(() => { buffers.push(buffer); underWay.delete(sent); });
  underWay.add(sent);
}
await Promise.all(underWay);
await call('POST', '/transfer_file', { group_id, file_id });
await call('POST', '/transfer', { group_id });
report({ seconds: (performance.now() - start) / 1000 });
agent.destroy();
await file.close();
`;

const upload = (options: string): string => `
const md = await client();
const start = performance.now();
await md.uploads.uploadFile(path, { fileName: 'x.bin'${options} });
report({ seconds: (performance.now() - start) / 1000 });
await md.close();
`;

const small = (group: number): string => `
const md = await client();
const [, , , count] = [0, ...process.argv.slice(1)];
const data = Buffer.alloc(10240, 7);
const files = Array.from({ length: Number(count) }, (_, index) => ({ source: data, fileName: 'f' + index + '.bin' }));
const groups = [];
while (files.length > 0) groups.push(files.splice(0, ${String(group)}));
const start = performance.now();
await Promise.all(Array.from({ length: 8 }, async () => {
  for (let next = groups.pop(); next !== undefined; next = groups.pop()) await md.uploads.uploadFiles(next);
}));
report({ seconds: (performance.now() - start) / 1000 });
await md.close();
`;

const wait = `
const md = await client();
const [, , , count, perSecond] = [0, ...process.argv.slice(1)];
const ids = Array.from({ length: Number(count) }, () => randomUUID().replaceAll('-', ''));
const start = performance.now();
const { verdicts } = await md.files.waitForVerdicts(ids, { perSecond: Number(perSecond), minIntervalMs: 200 });
const cleared = [...verdicts.values()].filter(({ status }) => status === 'cleared').length;
report({ seconds: (performance.now() - start) / 1000, cleared });
await md.close();
`;

/** What a process of the bench does, by name. */
export const sources = (packageUrl: string) => {
  const all = {
    bare: bare(false),
    'bare + MD5 + SHA-256': bare(true),
    client: upload(''),
    'client, md5: false': upload(', md5: false'),
    'one file a group': small(1),
    '100 files a group': small(100),
    wait,
  };
  return Object.fromEntries(
    Object.entries(all).map(([name, source]) => [name, prelude(packageUrl) + source]),
  ) as Readonly<Record<keyof typeof all, string>>;
};
