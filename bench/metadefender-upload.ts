/**
 * Uploads to a scanner: `pnpm bench metadefender-upload [--gb 2] [--memory-gb 1,2,8] [--rounds 3] [--servers sandbox,sink]
 * [--files 1000] [--waits 500] [--per-second 100]`
 *
 * Server and uploader are processes of their own on loopback, the uploader from the built package. The floor is bare `node:http` that makes
 * the same calls and sends the same chunks from the same file, four at a time on kept connections, with and without the two hashes that
 * the client computes (MD5 of each chunk, SHA-256 of the whole). `sandbox` works as a scanner has to (checks each MD5, hashes, stores); `sink`
 * throws the bytes away, so that only the uploader is measured. The file is sparse, so that no disk is read. Median of the rounds.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { sandboxSource, sinkSource, sources } from './metadefender-processes';
import { machineNote } from './process-figures';
import { median } from './statistics';

const flags = ['gb', 'memory-gb', 'rounds', 'servers', 'files', 'waits', 'per-second'] as const;
const { values } = parseArgs({
  options: Object.fromEntries(flags.map((name) => [name, { type: 'string' as const }])),
});
const given = (name: (typeof flags)[number], otherwise: string): string => values[name] ?? otherwise;
const gb = Number(given('gb', '2'));
const rounds = Number(given('rounds', '3'));
const memoryGb = given('memory-gb', '1,2,8').split(',').map(Number);
const servers = given('servers', 'sandbox,sink').split(',');
const files = Number(given('files', '1000'));
const waits = Number(given('waits', '500'));
const perSecond = Number(given('per-second', '100'));

interface Figures {
  readonly seconds: number;
  readonly peakMb: number;
  readonly cpuSeconds: number;
  readonly cleared?: number;
}
interface SinkFigures {
  readonly requests: number;
  readonly looks: readonly number[];
}

const dist = (name: string): string =>
  pathToFileURL(resolve(import.meta.dirname, `../packages/${name}/dist/index.js`)).href;
const source = sources(dist('metadefender-mft-client'));
const directory = await mkdtemp(join(tmpdir(), 'metadefender-bench-'));

/** A server in a process of its own, which ends with the bench however that ends. */
async function startServer(args: readonly string[]): Promise<{ readonly url: string; stop(): void }> {
  const child = spawn(process.execPath, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: directory },
  });
  const port = await new Promise<string>((done) =>
    child.stdout.once('data', (data: Buffer) => done(data.toString().trim())),
  );
  return { url: `http://127.0.0.1:${port}`, stop: () => void child.kill() };
}
const starts: Readonly<Record<string, () => ReturnType<typeof startServer>>> = {
  sink: () => startServer(['-e', sinkSource]),
  sandbox: () => startServer(['--input-type=module', '-e', sandboxSource(dist('sandbox'))]),
};
const { url, stop } = await startServer(['-e', sinkSource]);
const ask = async <T>(path: string): Promise<T> => (await (await fetch(`${url}${path}`)).json()) as T;

async function sparse(gigabytes: number): Promise<string> {
  const path = join(directory, `${String(gigabytes)}.bin`);
  const file = await open(path, 'w');
  await file.truncate(gigabytes * 1e9);
  await file.close();
  return path;
}

function run(name: keyof typeof source, to: string, ...args: readonly string[]): Promise<Figures> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', source[name], to, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  return new Promise((done, failed) =>
    child.once('close', (code) => {
      if (code === 0) done(JSON.parse(output) as Figures);
      else failed(new Error(`${name} ended with ${String(code)}`));
    }),
  );
}

function curl(to: string, path: string): Figures {
  const start = performance.now();
  execFileSync('curl', [
    '-s',
    '-o',
    '/dev/null',
    '-X',
    'PATCH',
    '-T',
    path,
    `${url}/vault_rest/transfer_file`,
  ]);
  return { seconds: (performance.now() - start) / 1000, peakMb: NaN, cpuSeconds: NaN };
}

/** Each way has a server of its own, so that none finds the files of another one. */
async function uploadTable(server: string, path: string): Promise<void> {
  const start = starts[server];
  if (start === undefined)
    throw new Error(`There is no server ${server}; there are ${Object.keys(starts).join(', ')}.`);
  const ways = [
    'bare',
    'bare + MD5 + SHA-256',
    'client',
    'client, md5: false',
    'curl -T (one stream)',
  ] as const;
  const seen = new Map<string, Figures[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const way of ways) {
      if (server === 'sandbox' && way.startsWith('curl')) continue;
      const { url: to, stop: end } = await start();
      const figures = way === 'curl -T (one stream)' ? curl(to, path) : await run(way, to, path);
      seen.set(way, [...(seen.get(way) ?? []), figures]);
      end();
    }
  }
  const of = (name: string, figure: 'cpuSeconds' | 'peakMb' | 'seconds'): number =>
    median((seen.get(name) ?? []).map((one) => one[figure]));
  console.log(`upload of ${String(gb)} GB to the ${server}, in chunks of 10 MiB, four at a time`);
  console.table(
    [...seen.keys()].map((name) => ({
      way: name,
      'MB/s': Math.round((gb * 1000) / of(name, 'seconds')),
      'of bare': (of('bare', 'seconds') / of(name, 'seconds')).toFixed(2),
      'of bare with hashes': (of('bare + MD5 + SHA-256', 'seconds') / of(name, 'seconds')).toFixed(2),
      'CPU s': of(name, 'cpuSeconds').toFixed(1),
      'peak MB': Math.round(of(name, 'peakMb')),
    })),
  );
}

try {
  const path = await sparse(gb);
  // Once over the file, so that nobody is the first.
  await finished(createReadStream(path, { highWaterMark: 1 << 20 }).resume());
  for (const server of servers) await uploadTable(server, path);
  await rm(path);

  console.log('resident memory of one upload by the size of its file');
  const memory = [];
  for (const size of memoryGb) {
    const large = await sparse(size);
    const { peakMb, seconds } = await run('client', url, large);
    await rm(large);
    memory.push({ GB: size, 'peak MB': Math.round(peakMb), 'MB/s': Math.round((size * 1000) / seconds) });
  }
  console.table(memory);

  console.log(`${String(files)} files of 10 KB, eight groups at a time`);
  const small = [];
  for (const name of ['one file a group', '100 files a group'] as const) {
    await ask('/reset');
    const { seconds, peakMb } = await run(name, url, '-', String(files));
    const { requests } = await ask<SinkFigures>('/figures');
    small.push({
      way: name,
      'files/s': Math.round(files / seconds),
      'requests a file': (requests / files).toFixed(2),
      'peak MB': Math.round(peakMb),
    });
  }
  console.table(small);

  console.log(`waitForVerdicts of ${String(waits)} files, four looks each`);
  await ask('/reset');
  const waited = await run('wait', url, '-', String(waits), String(perSecond));
  const { looks } = await ask<SinkFigures>('/figures');
  const busiest = Math.max(
    ...looks.map((at) => looks.filter((other) => other >= at && other < at + 1000).length),
  );
  console.table([
    {
      'budget a second': perSecond,
      'busiest second': busiest,
      mean: (looks.length / waited.seconds).toFixed(1),
      cleared: waited.cleared,
      seconds: waited.seconds.toFixed(1),
      'CPU s': waited.cpuSeconds.toFixed(1),
    },
  ]);
  console.log(machineNote());
} finally {
  stop();
  await rm(directory, { recursive: true });
}
