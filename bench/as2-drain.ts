/**
 * Draining the gateway's inbox: `pnpm bench as2-drain [--messages 5000] [--rounds 3] [--gb 2] [--servers sandbox,sink]`
 *
 * Unread messages with one attachment of 1 KB each, taken one after the other (message, attachment, mark read) by `inbox.drain` and by a
 * hand-written loop over bare axios; then one large attachment streamed into SHA-256. Server and client are processes of their own on loopback,
 * the client from the built package, each way against a server of its own. **The client's limit of requests is off.** `sandbox` works as for tests
 * (looks up, signs, decrypts); `sink` answers from memory, so that the client is what is measured. Median of the rounds.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { sandboxSource, sinkSource, sources } from './as2-drain-processes';
import type { ServerFacts } from './as2-drain-processes';
import { machineNote } from './process-figures';
import { median } from './statistics';

const flags = ['messages', 'rounds', 'gb', 'servers'] as const;
const { values } = parseArgs({
  options: Object.fromEntries(flags.map((name) => [name, { type: 'string' as const }])),
});
const messages = Number(values['messages'] ?? 5000);
const rounds = Number(values['rounds'] ?? 3);
const gb = Number(values['gb'] ?? 2);
const servers = (values['servers'] ?? 'sandbox,sink').split(',');

interface Figures {
  readonly seconds: number;
  readonly peakMb: number;
  readonly cpuSeconds: number;
  readonly taken?: number;
  readonly received?: number;
  readonly bytes?: number;
  readonly sha256?: string;
}
interface Server {
  readonly facts: ServerFacts;
  stop(): void;
}

const packages = resolve(import.meta.dirname, '../packages');
const dist = (name: string): string => pathToFileURL(join(packages, name, 'dist/index.js')).href;
const source = sources(dist('as2-gateway-client'), join(packages, 'http-transport/package.json'));
const directory = await mkdtemp(join(tmpdir(), 'as2-drain-bench-'));
const serverSources: Readonly<Record<string, string>> = {
  sandbox: sandboxSource(dist('sandbox')),
  sink: sinkSource,
};

/** A server in a process of its own with so many unread messages, which ends with the bench however that ends. */
async function startServer(name: string, count: number, bytes: number): Promise<Server> {
  const script = serverSources[name];
  if (script === undefined)
    throw new Error(`There is no server ${name}; there are ${Object.keys(serverSources).join(', ')}.`);
  const args = ['--input-type=module', '-e', script, String(count), String(bytes)];
  const env = { ...process.env, TMPDIR: directory };
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
  const line = await new Promise<string>((done, failed) => {
    child.stdout.once('data', (data: Buffer) => done(String(data)));
    child.once('close', (code) => failed(new Error(`the server ${name} ended with ${String(code)}`)));
  });
  return { facts: JSON.parse(line) as ServerFacts, stop: () => void child.kill() };
}

function run(name: keyof typeof source, facts: ServerFacts): Promise<Figures> {
  const args = ['--input-type=module', '-e', source[name], JSON.stringify(facts)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  return new Promise((done, failed) =>
    child.once('close', (code) => {
      if (code === 0) done(JSON.parse(output) as Figures);
      else failed(new Error(`${name} ended with ${String(code)}`));
    }),
  );
}

interface Drained extends Figures {
  /** Without the one of logging in. */
  readonly requests: number;
  readonly downloads: number;
}

async function drainOnce(server: string, way: keyof typeof source): Promise<Drained> {
  const { facts, stop } = await startServer(server, messages, 1024);
  try {
    const figures = await run(way, facts);
    if (figures.taken !== messages || figures.received !== messages * 1024)
      throw new Error(`${way} took ${String(figures.taken)} messages of ${String(messages)}`);
    const calls = (await (await fetch(facts.calls)).json()) as Record<string, number>;
    const sum = (which: (name: string) => boolean): number =>
      Object.entries(calls).reduce((total, [name, count]) => total + (which(name) ? count : 0), 0);
    const isDownload = (name: string): boolean => name === 'file' || name.includes('{bucket}');
    return {
      ...figures,
      downloads: sum(isDownload),
      requests: sum((name) => !isDownload(name) && !name.includes('authorize')),
    };
  } finally {
    stop();
  }
}

const ways = ['bare axios', 'bare axios, message and files at once', 'drain'] as const;

async function drainTable(server: string): Promise<void> {
  const seen = new Map<string, Drained[]>();
  for (let round = 0; round < rounds; round += 1)
    for (const way of ways) seen.set(way, [...(seen.get(way) ?? []), await drainOnce(server, way)]);
  const of = (way: string, figure: 'cpuSeconds' | 'downloads' | 'peakMb' | 'requests' | 'seconds'): number =>
    median((seen.get(way) ?? []).map((one) => one[figure]));
  console.log(
    `${String(messages)} unread messages of one 1 KB attachment each at the ${server}, no limit of requests`,
  );
  console.table(
    ways.map((way) => ({
      way,
      'messages/s': Math.round(messages / of(way, 'seconds')),
      'of bare axios': (of('bare axios', 'seconds') / of(way, 'seconds')).toFixed(2),
      'of the same at once': (of(ways[1], 'seconds') / of(way, 'seconds')).toFixed(2),
      'API requests a message': (of(way, 'requests') / messages).toFixed(2),
      'downloads a message': (of(way, 'downloads') / messages).toFixed(2),
      'CPU ms a message': ((of(way, 'cpuSeconds') * 1000) / messages).toFixed(2),
      'peak MB': Math.round(of(way, 'peakMb')),
    })),
  );
}

async function largeTable(): Promise<void> {
  const rows = [];
  for (const server of servers) {
    for (const way of ['large, bare node:http', 'large, drain'] as const) {
      const { facts, stop } = await startServer(server, 1, gb * 1e9);
      const { seconds, peakMb, cpuSeconds, bytes, sha256 } = await run(way, facts);
      stop();
      if (bytes !== gb * 1e9 || (facts.sha256 !== undefined && facts.sha256 !== sha256))
        throw new Error(`${way}: other bytes than were sent`);
      const rate = Math.round((gb * 1000) / seconds);
      rows.push({ server, way, 'MB/s': rate, 'CPU s': cpuSeconds.toFixed(1), 'peak MB': Math.round(peakMb) });
    }
  }
  console.log(`one attachment of ${String(gb)} GB, streamed into SHA-256`);
  console.table(rows);
}

try {
  if (messages > 0) for (const server of servers) await drainTable(server);
  if (gb > 0) await largeTable();
  console.log(machineNote());
} finally {
  await rm(directory, { recursive: true });
}
