/**
 * One HTTP client under load, in a process of its own: started by `bench/transport.ts`, which bundles it. Prints one
 * line of JSON. Arguments: client, work (`calls`, `upload`, `download`), URL, amount (calls, or bytes); and of the small
 * calls of undici path and authorization.
 */
import http from 'node:http';
import { Readable } from 'node:stream';
import axios from 'axios';
import { Pool } from 'undici';
import { z } from 'zod';
import { createTransport, createTokenSession } from '../src/index';
import type { Operation } from '../src/index';

export interface CallFigures {
  readonly concurrency: number;
  readonly perSecond: number;
  readonly cpuMsPerThousand: number;
}

export interface BenchFigures {
  readonly calls?: readonly CallFigures[];
  readonly mbPerSecond?: number;
  readonly cpuSeconds?: number;
  readonly peakMb: number;
}

interface Client {
  call(): Promise<unknown>;
  upload?(bytes: number): Promise<void>;
  download?(bytes: number): Promise<void>;
}

const [name = '', work = '', url = '', amount = '', ...other] = process.argv.slice(2);

/** What undici calls may be another server's: the sandbox's ceiling is measured by it. */
const [smallPath = '/small/file-1?page=1', authorization = 'Bearer a-token-for-the-bench-only'] = other;
const block = Buffer.alloc(1024 * 1024, 7);
const source = (bytes: number): Readable => {
  let left = bytes;
  return new Readable({
    highWaterMark: block.length,
    read() {
      const size = Math.min(left, block.length);
      left -= size;
      this.push(size === 0 ? null : block.subarray(0, size));
    },
  });
};

async function readAll(stream: Readable, bytes: number): Promise<void> {
  let got = 0;
  for await (const chunk of stream) got += (chunk as Buffer).length;
  if (got !== bytes) throw new Error(`${String(got)} of ${String(bytes)} bytes came`);
}

function transportClient(): Client {
  const transport = createTransport({
    baseUrl: url,
    session: createTokenSession({
      obtain: () =>
        Promise.resolve({ value: 'a-token-for-the-bench-only', expiresAt: Date.now() + 3_600_000 }),
      present: ({ value }) => ({ name: 'authorization', value: `Bearer ${value}` }),
    }),
  });
  const Small = z.looseObject({
    id: z.string(),
    size: z.number(),
    state: z.string(),
    tags: z.array(z.string()),
  });
  const small: Operation<{ id: string }, z.infer<typeof Small>> = {
    name: 'bench.small',
    method: 'GET',
    path: '/small/{id}',
    safety: 'safe',
    input: z.strictObject({ id: z.string() }),
    encode: ({ id }) => ({ params: { id }, query: { page: 1 } }),
    output: Small,
  };
  const upload: Operation<number, unknown> = {
    name: 'bench.upload',
    method: 'POST',
    path: '/upload',
    safety: 'keyed',
    encode: (length) => ({ body: { open: () => source(length), length } }),
  };
  const download: Operation<void, unknown> = {
    name: 'bench.file',
    method: 'GET',
    path: '/file',
    safety: 'safe',
  };
  return {
    call: () => transport.call(small, { id: 'file-1' }),
    upload: async (bytes) => {
      await transport.call(upload, bytes);
    },
    download: async (bytes) => readAll((await transport.download(download, undefined)).body, bytes),
  };
}

const agent = new http.Agent({ keepAlive: true });

function axiosClient(): Client {
  const client = axios.create({ baseURL: url, httpAgent: agent, proxy: false, headers: { authorization } });
  return { call: async () => (await client.get<unknown>('/small/file-1', { params: { page: 1 } })).data };
}

function undiciClient(): Client {
  const pool = new Pool(url, { connections: 64 });
  return {
    call: async () => {
      const { body } = await pool.request({
        path: smallPath,
        method: 'GET',
        headers: { authorization },
      });
      return body.json();
    },
  };
}

function nodeClient(): Client {
  const send = (path: string, options: http.RequestOptions, body?: Readable): Promise<http.IncomingMessage> =>
    new Promise((resolve, reject) => {
      const request = http.request(`${url}${path}`, { agent, ...options }, resolve).on('error', reject);
      if (body === undefined) request.end();
      else body.pipe(request);
    });
  const text = async (response: http.IncomingMessage): Promise<string> => {
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  };
  return {
    call: async () =>
      JSON.parse(await text(await send('/small/file-1?page=1', { headers: { authorization } }))) as unknown,
    upload: async (bytes) => {
      const headers = { authorization, 'content-length': bytes };
      await text(await send('/upload', { method: 'POST', headers }, source(bytes)));
    },
    download: async (bytes) => readAll(await send('/file', { headers: { authorization } }), bytes),
  };
}

const clients: Readonly<Record<string, () => Client>> = {
  transport: transportClient,
  axios: axiosClient,
  undici: undiciClient,
  'node:http': nodeClient,
};

async function callMany(client: Client, concurrency: number, calls: number): Promise<CallFigures> {
  const burst = async (total: number): Promise<void> => {
    let left = total;
    const worker = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await client.call();
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
  };
  await burst(Math.ceil(calls / 4));
  const cpu = process.cpuUsage();
  const start = performance.now();
  await burst(calls);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { concurrency, perSecond: calls / seconds, cpuMsPerThousand: (user + system) / calls };
}

async function run(): Promise<BenchFigures> {
  const client = clients[name]?.();
  if (client === undefined) throw new Error(`there is no client ${name}`);
  const peakMb = (): number => (process.resourceUsage().maxRSS * 1024) / 1e6;
  const count = Number(amount);
  if (work === 'calls') {
    const calls: CallFigures[] = [];
    for (const concurrency of [1, 16, 64]) calls.push(await callMany(client, concurrency, count));
    return { calls, peakMb: peakMb() };
  }
  const transfer = work === 'upload' ? client.upload : client.download;
  if (transfer === undefined) throw new Error(`${name} does no ${work} here`);
  // The first call of a process compiles what it needs: 20 ms of CPU, by node:http 9; 1 GiB costs 250 to 290.
  await client.call();
  const cpu = process.cpuUsage();
  const start = performance.now();
  await transfer(count);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { mbPerSecond: count / 1e6 / seconds, cpuSeconds: (user + system) / 1e6, peakMb: peakMb() };
}

void run().then((figures) => {
  process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit());
});
