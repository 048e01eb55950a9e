/**
 * The transport against bare clients: `pnpm bench transport [--mb 1024] [--calls 3000] [--rounds 3]`
 *
 * One server in a process of its own; each client in a fresh process, the clients taking turns in every round. Small
 * calls: a GET of some JSON, through the transport with token session, retry machinery and zod both ways, through the
 * others bare. Transfers: from and to memory, after one small call; curl uploads a sparse file. Median of the rounds. At the
 * end the sandbox's own ceiling, in calls and in bytes: it must not be the bottleneck of other benches.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import type { BenchFigures } from '../packages/http-transport/test/bench-client';
import { machineNote, processFigures } from './process-figures';
import { sandboxCeiling } from './sandbox-ceiling';
import type { Ceiling } from './sandbox-ceiling';
import { median } from './statistics';

const { values } = parseArgs({
  options: { mb: { type: 'string' }, calls: { type: 'string' }, rounds: { type: 'string' } },
});
const bytes = Number(values.mb ?? 1024) * 1024 * 1024;
const calls = Number(values.calls ?? 3000);
const rounds = Number(values.rounds ?? 3);

const serverSource = `
const small = Buffer.from(JSON.stringify({ id: 'file-1', size: 12345, state: 'clean', tags: ['a', 'b'], more: 'x'.repeat(200) }));
const block = Buffer.alloc(1048576, 7);
const server = require('node:http').createServer((request, response) => {
  if (request.url.startsWith('/small')) {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': small.length });
    response.end(small);
  } else if (request.url === '/upload') {
    let got = 0;
    request.on('data', (chunk) => { got += chunk.length; });
    request.on('end', () => response.writeHead(got === ${String(bytes)} ? 200 : 400).end());
  } else {
    response.writeHead(200, { 'content-length': ${String(bytes)} });
    let left = ${String(bytes)};
    const more = () => {
      while (left > 0) {
        const size = Math.min(left, block.length);
        left -= size;
        if (!response.write(size === block.length ? block : block.subarray(0, size))) { response.once('drain', more); return; }
      }
      response.end();
    };
    more();
  }
}).listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume().on('end', () => process.exit()); // ends with the bench, however that ends
`;

const directory = await mkdtemp(join(tmpdir(), 'transport-bench-'));
const clientFile = join(directory, 'client.cjs');
await build({
  entryPoints: [resolve(import.meta.dirname, '../packages/http-transport/test/bench-client.ts')],
  outfile: clientFile,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  logLevel: 'warning',
});
const server = spawn(process.execPath, ['-e', serverSource], { stdio: ['pipe', 'pipe', 'inherit'] });
const port = await new Promise<string>((done) =>
  server.stdout.once('data', (data) => done(String(data).trim())),
);
const url = `http://127.0.0.1:${port}`;
const sparse = join(directory, 'sparse');

async function runClient(
  name: string,
  work: string,
  amount: number,
  to: readonly string[] = [],
): Promise<BenchFigures> {
  const [server = url, ...rest] = to;
  const child = spawn(process.execPath, [clientFile, name, work, server, String(amount), ...rest], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  const code = await new Promise((done) => child.once('close', done));
  if (code !== 0) throw new Error(`${name} failed at ${work}`);
  return JSON.parse(text) as BenchFigures;
}

async function runCurl(work: string): Promise<BenchFigures> {
  const upload = ['-H', 'Expect:', '-X', 'POST', '-T', sparse, `${url}/upload`];
  const started = performance.now();
  const child = spawn('curl', ['-sf', '-o', '/dev/null', ...(work === 'upload' ? upload : [`${url}/file`])], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let figures = { peakMb: 0, cpuSeconds: 0 };
  const watch = setInterval(() => {
    try {
      const now = processFigures(child.pid ?? 0);
      // Between its end and the taking of its exit code it has no memory any more.
      if (Number.isFinite(now.peakMb)) figures = now;
    } catch {
      // It has just ended.
    }
  }, 10);
  const code = await new Promise((done) => child.once('close', done));
  clearInterval(watch);
  if (code !== 0) throw new Error(`curl failed at ${work}`);
  return { ...figures, mbPerSecond: bytes / 1e6 / ((performance.now() - started) / 1000) };
}

const callers = ['transport', 'axios', 'undici', 'node:http'];
const movers = ['transport', 'node:http', 'curl'];
const seen = new Map<string, BenchFigures[]>();
const note = (key: string, figures: BenchFigures): void => {
  seen.set(key, [...(seen.get(key) ?? []), figures]);
};
const middle = (key: string, of: (figures: BenchFigures) => number | undefined): number =>
  median((seen.get(key) ?? []).map((figures) => of(figures) ?? Number.NaN));

let ceiling: Ceiling;
try {
  const file = await open(sparse, 'w');
  await file.truncate(bytes);
  await file.close();
  for (let round = 0; round < rounds; round += 1) {
    for (const name of callers) note(`${name} calls`, await runClient(name, 'calls', calls));
    for (const work of ['upload', 'download'])
      for (const name of movers)
        note(`${name} ${work}`, name === 'curl' ? await runCurl(work) : await runClient(name, work, bytes));
  }
  ceiling = await sandboxCeiling(
    bytes,
    sparse,
    async (...to) => (await runClient('undici', 'calls', calls, to)).calls ?? [],
  );
} finally {
  server.kill();
  await rm(directory, { recursive: true });
}

const figure = (value: number, digits = 0): string => (Number.isFinite(value) ? value.toFixed(digits) : '-');
const rows = callers.flatMap((name) =>
  [1, 16, 64].map((concurrency) => {
    const at = (of: 'perSecond' | 'cpuMsPerThousand', who: string): number =>
      middle(`${who} calls`, ({ calls: list }) => list?.find((one) => one.concurrency === concurrency)?.[of]);
    return {
      client: name,
      'at once': concurrency,
      'calls/s': figure(at('perSecond', name)),
      'of axios': figure(at('perSecond', name) / at('perSecond', 'axios'), 2),
      'CPU ms per 1000': figure(at('cpuMsPerThousand', name)),
      'of axios, by CPU': figure(at('cpuMsPerThousand', 'axios') / at('cpuMsPerThousand', name), 2),
      'peak MB': figure(middle(`${name} calls`, ({ peakMb }) => peakMb)),
    };
  }),
);
console.table(rows);
console.table(
  ['upload', 'download'].flatMap((work) =>
    movers.map((name) => {
      const rate = (who: string): number => middle(`${who} ${work}`, ({ mbPerSecond }) => mbPerSecond);
      const cpu = (who: string): number => middle(`${who} ${work}`, ({ cpuSeconds }) => cpuSeconds);
      return {
        work: `${work} ${String(bytes / 1024 / 1024)} MiB`,
        client: name,
        'MB/s': figure(rate(name)),
        'of node:http': figure(rate(name) / rate('node:http'), 2),
        'of curl': figure(rate(name) / rate('curl'), 2),
        'CPU s': figure(cpu(name), 2),
        'of node:http, by CPU': figure(cpu('node:http') / cpu(name), 2),
        'peak MB': figure(middle(`${name} ${work}`, ({ peakMb }) => peakMb)),
      };
    }),
  ),
);
console.table({
  ...Object.fromEntries(
    ceiling.callsPerSecond.map(({ concurrency, perSecond }) => [
      `sandbox: GET of a message, ${String(concurrency)} at once`,
      { figure: figure(perSecond), unit: 'calls/s' },
    ]),
  ),
  'sandbox: attachment down, by curl': { figure: figure(ceiling.downMbPerSecond), unit: 'MB/s' },
  'sandbox: chunks up, by node:http': { figure: figure(ceiling.upMbPerSecond), unit: 'MB/s' },
});
process.stdout.write(`${machineNote()}; median of ${String(rounds)} rounds\n`);
