import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Rig } from './rig';

/** ms of each part. */
export interface FloorTimes {
  readonly fetch: number;
  readonly upload: number;
  readonly deliver: number;
  /** `sync FILE...` of what was fetched and delivered: the durability that the bridge gives. Not in the other three. */
  readonly sync: number;
}

const chunkMb = 64;

/**
 * What a shell needs for the way of a large file, over the same servers and on the same disk:
 *
 * - fetch: `curl URL | tee FILE | openssl dgst -sha256`, the file left in the page cache
 * - upload: a `dd | curl` for each chunk of 64 MiB, in order (the bridge sends chunks of 10 MiB, four at a time)
 * - deliver: `cp FILE FOLDER`
 *
 * Nothing is encrypted or synced, and nothing is hashed a second time. Logins and the calls around the bytes are not in
 * its times.
 */
export async function runShellFloor(rig: Rig, messageId: string, bytes: number): Promise<FloorTimes> {
  const file = join(rig.directory, 'floor.bin');
  const url = await attachmentUrl(rig, messageId);
  const fetched = await shell(`curl -sf "$URL" | tee ${file} | openssl dgst -sha256 > ${file}.sha256`, {
    URL: url,
  });
  const { send, url: target } = await openUpload(rig, bytes);
  const count = Math.ceil(bytes / chunkMb / 1024 / 1024);
  const uploaded = await shell(
    `for i in $(seq 0 ${String(count - 1)}); do
       dd if=${file} bs=1M count=${String(chunkMb)} skip=$((i * ${String(chunkMb)})) status=none |
         curl -sf -X PATCH -T - -H Expect: ${send} -H "chunk_offset: $((i * ${String(chunkMb)} * 1048576))" ${target} > /dev/null || exit 1
     done`,
    {},
  );
  const delivered = await shell(`cp ${file} ${join(rig.folder, 'floor.bin')}`, {});
  const synced = await shell(`sync ${file} ${join(rig.folder, 'floor.bin')}`, {});
  if (
    !existsSync(join(rig.folder, 'floor.bin')) ||
    !/[0-9a-f]{64}/.test(readFileSync(`${file}.sha256`, 'utf8'))
  )
    throw new Error('the floor did not do its work');
  rmSync(file);
  return { fetch: fetched, upload: uploaded, deliver: delivered, sync: synced };
}

/** A pre-signed URL of the message's attachment, as any client of the gateway gets it. */
async function attachmentUrl({ sandbox: { services } }: Rig, messageId: string): Promise<string> {
  const { url, credentials } = services.gateway;
  const { tokenId, tokenSecret } = credentials;
  const login = await json(`${url}/authorize`, {
    method: 'POST',
    body: JSON.stringify({ tokenID: tokenId, tokenSecret }),
  });
  const headers = { authorization: String(login['apiToken'] ?? login['api_token']) };
  const list = await json(`${url}/message/inbox/${encodeURIComponent(messageId)}/attachments`, { headers });
  const found = /https?:[^"]*X-Amz-Signature[^"]*/.exec(JSON.stringify(list))?.[0];
  if (found === undefined) throw new Error('the gateway lists no attachment');
  return found;
}

/** Opens a transfer of one file at the scanner. @returns the arguments that a chunk needs */
async function openUpload(
  { sandbox: { services } }: Rig,
  bytes: number,
): Promise<{ readonly send: string; readonly url: string }> {
  const { url, apiKey } = services.scanner;
  const group = randomUUID().replaceAll('-', '');
  const headers = { Authorization: `Bearer ${apiKey}`, group_id: group };
  await json(`${url}/vault_rest/transfer`, { headers });
  const file = { ...headers, transfer_method: 'Chunk', file_name: 'floor.bin', file_size: String(bytes) };
  const opened = await json(`${url}/vault_rest/transfer_file`, { headers: file });
  const pairs = Object.entries({ ...headers, file_id: String(opened['file_id']) });
  return {
    send: pairs.map(([name, value]) => `-H '${name}: ${value}'`).join(' '),
    url: `${url}/vault_rest/transfer_file`,
  };
}

async function json(url: string, options: RequestInit): Promise<Record<string, unknown>> {
  const response = await fetch(url, options);
  if (!response.ok)
    throw new Error(`the sandbox answered ${String(response.status)}: ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

/** @returns ms @throws where a part of it failed */
async function shell(line: string, env: Readonly<Record<string, string>>): Promise<number> {
  const start = performance.now();
  const child = spawn('bash', ['-o', 'pipefail', '-c', line], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise((done) => child.once('exit', done));
  if (code !== 0) throw new Error(`the shell floor failed: ${line}`);
  return performance.now() - start;
}
