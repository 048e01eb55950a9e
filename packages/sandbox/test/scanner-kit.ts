import { createHash } from 'node:crypto';
import { configure, Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import type { MetaDefenderSandbox } from '../src/scanner/metadefender-sandbox';

configure({ useWebWorkers: false });

/** What came back, read freely: this is what the tests are about. */
type Json = ReturnType<typeof JSON.parse>;

export interface Answer {
  readonly status: number;
  readonly body: Json;
  readonly bytes: Buffer;
  readonly headers: Headers;
}

export type HeaderMap = Readonly<Record<string, string>>;

/** One call by plain fetch. `key` null sends no Authorization. */
export async function call(
  scanner: MetaDefenderSandbox,
  request: `${string} ${string}`,
  headers: HeaderMap = {},
  body?: Uint8Array | string,
  key: string | null = scanner.apiKey,
): Promise<Answer> {
  const [method = '', path = ''] = request.split(' ');
  const response = await fetch(`${scanner.url}/vault_rest${path}`, {
    method,
    headers: { ...(key === null ? {} : { Authorization: `Bearer ${key}` }), ...headers },
    ...(body === undefined ? {} : { body: body }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const json = /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    bytes,
    headers: response.headers,
    body: json ? JSON.parse(bytes.toString('utf8')) : undefined,
  };
}

export const login = (secret: string): HeaderMap => ({
  Authorization: `Basic ${Buffer.from(secret, 'utf8').toString('base64')}`,
});

export const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export interface Upload {
  readonly groupId: string;
  readonly fileId: string;
}

/** The first two calls of an upload. */
export async function openFile(
  scanner: MetaDefenderSandbox,
  name: string,
  size: number,
  method = 'Chunk',
  key: string = scanner.apiKey,
): Promise<Upload> {
  const group = await call(scanner, 'GET /transfer', {}, undefined, key);
  const groupId: string = group.body.group_id;
  const file = await call(
    scanner,
    'GET /transfer_file',
    { group_id: groupId, transfer_method: method, file_size: String(size), file_name: name },
    undefined,
    key,
  );
  return { groupId, fileId: file.body.file_id };
}

export const ids = ({ groupId, fileId }: Upload): HeaderMap => ({ group_id: groupId, file_id: fileId });

/** All five calls of an upload. */
export async function upload(
  scanner: MetaDefenderSandbox,
  name: string,
  content: Uint8Array,
  options: { readonly key?: string; readonly complete?: HeaderMap } = {},
): Promise<Upload> {
  const { key = scanner.apiKey, complete = {} } = options;
  const opened = await openFile(scanner, name, content.length, 'Chunk', key);
  const patch = { ...ids(opened), chunk_offset: '0', chunk_checksum: md5(content) };
  const answers = [
    ...(content.length === 0 ? [] : [await call(scanner, 'PATCH /transfer_file', patch, content, key)]),
    await call(scanner, 'POST /transfer_file', ids(opened), undefined, key),
    await call(scanner, 'POST /transfer', { group_id: opened.groupId, ...complete }, undefined, key),
  ];
  const bad = answers.find(({ status }) => status !== 200);
  if (bad !== undefined) throw new Error(`upload failed: ${bad.status} ${bad.bytes.toString()}`);
  return opened;
}

/** A ZIP of these members, encrypted where there is a password. */
export async function zip(members: Readonly<Record<string, Uint8Array>>, password?: string): Promise<Buffer> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), password === undefined ? {} : { password });
  for (const [name, content] of Object.entries(members))
    await writer.add(name, new Uint8ArrayReader(content));
  return Buffer.from(await writer.close());
}
