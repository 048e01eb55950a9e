/**
 * One, two and three bridges on PostgreSQL, against one on SQLite:
 * `pnpm bench several [--messages 600] [--bridges 1,2,3] [--concurrency 8] [--rows 100000] [--claims 200] [--url postgres://...]`
 *
 * 10 KB messages from partner to partner, as a backlog. All processes share the processors of one machine, so what counts is
 * the processor time of a message: a machine with more of it, or several, gives as many more. PostgreSQL is a private one,
 * thrown away afterwards, unless `--url` names one. Then how long a claim takes while so many rows wait.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openPostgresLedger } from '../apps/bridge/src/ledger/postgres/postgres-ledger';
import { startPostgresCluster } from '../apps/bridge/src/ledger/postgres/test/postgres-cluster';
import { newSchema, runSql } from '../apps/bridge/src/ledger/postgres/test/temporary-postgres-ledger';
import type { Transitions } from './bridge-log';
import { countWarnings, readTransitions, spans } from './bridge-log';
import type { BenchSettings } from './bridge-yaml';
import { machineNote, processFigures } from './process-figures';
import { openRig } from './rig';
import { median, quantile } from './statistics';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '600' },
    bridges: { type: 'string', default: '1,2,3' },
    concurrency: { type: 'string', default: '8' },
    rows: { type: 'string', default: '100000' },
    claims: { type: 'string', default: '200' },
    url: { type: 'string' },
  },
});
const messages = Number(values.messages);
const concurrency = Number(values.concurrency);
const messageBytes = 10_240;

/** What a message goes through, by the events that end each part. */
const stages = ['taken', 'uploaded', 'weighed', 'decided', 'submitted', 'delivered'] as const;

// Each process that is started is killed at the end of this one, should it come early.
process.setMaxListeners(50);

const cluster = values.url === undefined ? await startPostgresCluster() : undefined;
const url = cluster?.url ?? values.url ?? '';
try {
  const table = [await run('SQLite', 1, undefined)];
  table.push(await run('PostgreSQL, for itself', 1, { url, schema: newSchema(), singleNode: true }));
  for (const count of values.bridges.split(',').map(Number))
    table.push(await run('PostgreSQL, shared', count, { url, schema: newSchema(), singleNode: false }));
  process.stdout.write(
    `\n${String(messages)} messages of 10 KB to an AS2 partner, no request limit at the gateway, scan time zero, ${String(concurrency)} at a time for each bridge\n`,
  );
  console.table(table.map(({ figures }) => figures));
  process.stdout.write('\nwhere the time of a message goes: median ms (share of the mean)\n');
  console.table(table.map(({ parts }) => parts));
  await claimLatency();
} finally {
  cluster?.remove();
}
process.stdout.write(`${machineNote()}\n`);

async function run(
  ledger: string,
  bridges: number,
  postgres: BenchSettings['postgres'],
): Promise<{ figures: Record<string, string>; parts: Record<string, string> }> {
  const settings = { concurrency: concurrency * bridges };
  const rig = await openRig(postgres === undefined ? settings : { ...settings, postgres });
  for (let index = 0; index < messages; index += 16)
    await Promise.all(Array.from({ length: Math.min(16, messages - index) }, (_, one) => send(index + one)));

  async function send(index: number): Promise<void> {
    const text = randomBytes(messageBytes * 0.75).toString('base64');
    const base64 = Buffer.from(text).toString('base64');
    await rig.sandbox.send('ACME', { name: `order-${String(index)}.txt`, base64 });
  }

  // The first makes the tables and the key; the others find them.
  const running = [await rig.startBridge([], 0)];
  running.push(
    ...(await Promise.all(Array.from({ length: bridges - 1 }, (_, index) => rig.startBridge([], index + 1)))),
  );
  // A start costs more than a second of it, which is none of a message's.
  const started = cpuOf(running.map(({ pid }) => pid));
  const before = cpuOf(postgres === undefined ? [] : serverPids());
  for (let done = 0, silent = 0; done < messages; silent += 1) {
    if (silent > 120)
      throw new Error(`no message was delivered for a minute: ${String(done)} of ${String(messages)}`);
    await sleep(500);
    const now = await rig.delivered();
    if (now > done) silent = 0;
    done = now;
  }
  const cpu = {
    bridges: cpuOf(running.map(({ pid }) => pid)) - started,
    // Whoever has a connection is still there; what ended before its end is not counted.
    server: cpuOf(postgres === undefined ? [] : serverPids()) - before,
    sandbox: processFigures(rig.sandboxPid).cpuSeconds,
  };
  const logs = running.map((_, number) => rig.logOf(number));
  for (const bridge of running) await bridge.stop();
  const log = [...merged(logs).values()];
  const all = log.map((events) => [events.get('taken') ?? NaN, events.get('delivered') ?? NaN] as const);
  const first = Math.min(...all.map(([taken]) => taken));
  const last = Math.max(...all.map(([, delivered]) => delivered));
  const { received } = await rig.sandbox.observe();
  const bytes = postgres === undefined ? statSync(rig.ledgerFile).size : sizeOf(postgres.schema);
  const warnings = logs.reduce((sum, file) => sum + countWarnings(file), 0);
  await rig.close();
  const ms = (seconds: number): string => ((seconds / messages) * 1000).toFixed(1);
  const name = { ledger, bridges: String(bridges) };
  const figures = {
    ...name,
    'messages/s': ((messages - 1) / ((last - first) / 1000)).toFixed(1),
    'bridges, CPU ms a message': ms(cpu.bridges),
    'PostgreSQL, CPU ms': postgres === undefined ? '' : ms(cpu.server),
    'sandbox, CPU ms': ms(cpu.sandbox),
    'messages per processor second': (messages / (cpu.bridges + cpu.server)).toFixed(1),
    'ledger, KB a message': (bytes / messages / 1000).toFixed(1),
    arrived: String(received.length),
    warnings: String(warnings),
  };
  // As they come: all of it takes minutes.
  process.stdout.write(`${Object.values(figures).join(' | ')}\n`);
  return { figures, parts: { ...name, ...shares(log) } };
}

function shares(log: readonly Transitions[]): Record<string, string> {
  const parts = stages.slice(1).map((to, index) => ({ to, list: spans(log, stages[index] ?? 'taken', to) }));
  const mean = (list: readonly number[]): number =>
    list.reduce((sum, one) => sum + one, 0) / Math.max(1, list.length);
  const total = parts.reduce((sum, { list }) => sum + mean(list), 0);
  return Object.fromEntries(
    parts.map(({ to, list }) => [
      `-> ${to}`,
      `${median(list).toFixed(0)} (${((mean(list) / total) * 100).toFixed(0)} %)`,
    ]),
  );
}

/** What each bridge says of a message: several may have had a part in it. */
function merged(logs: readonly string[]): ReadonlyMap<string, Transitions> {
  const all = new Map<string, Map<string, number>>();
  for (const file of logs) {
    for (const [id, events] of readTransitions(file)) {
      const known = all.get(id) ?? new Map<string, number>();
      for (const [event, at] of events) known.set(event, Math.max(at, known.get(event) ?? 0));
      all.set(id, known);
    }
  }
  return all;
}

/** The private server and who serves its connections; none where the server is somebody else's. */
function serverPids(): readonly number[] {
  if (cluster === undefined) return [];
  const [postmaster = ''] = readFileSync(join(cluster.directory, 'postmaster.pid'), 'utf8').split('\n');
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === postmaster);
  return [postmaster, ...children].map(Number);
}

function parentOf(pid: string): string | undefined {
  try {
    return /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  } catch {
    // It has ended.
    return undefined;
  }
}

/** Tables with their indices. */
function sizeOf(schema: string): number {
  const size = `select sum(pg_total_relation_size(c.oid)) from pg_class c join pg_namespace n on n.oid = relnamespace
    where nspname = '${schema}' and relkind = 'r'`;
  return Number(runSql(url, schema, size));
}

function cpuOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + processFigures(pid).cpuSeconds, 0);
}

async function claimLatency(): Promise<void> {
  const table = [];
  let few = NaN;
  for (const { waiting, partners } of [
    { waiting: 100, partners: 100 },
    { waiting: Number(values.rows), partners: 1_000 },
  ]) {
    const schema = newSchema();
    const { ledger } = await openPostgresLedger({ url, tls: 'off', ca: null, schema, now: Date.now });
    fill(schema, waiting, partners);
    const times: number[] = [];
    for (let turn = 0; turn < Number(values.claims); turn += 1) {
      const began = performance.now();
      const taken = await ledger.due.claim({
        limits: { scan: 4, deliver: 4 },
        now: Date.now(),
        leaseMs: 60_000,
      });
      times.push(performance.now() - began);
      if (taken.length === 0) throw new Error('nothing was claimed');
      for (const work of taken)
        await ledger.due.postpone(work, { dueAt: Date.now(), why: 'again', failed: false });
    }
    await ledger.close();
    const middle = median(times);
    if (waiting === 100) few = middle;
    table.push({
      waiting,
      partners,
      'median ms': middle.toFixed(2),
      'p99 ms': quantile(times, 0.99).toFixed(2),
      'of 100 waiting': (middle / few).toFixed(2),
    });
    runSql(url, 'public', `set client_min_messages = warning; drop schema ${schema} cascade`);
  }
  process.stdout.write(
    `\nclaim latency on PostgreSQL, ${values.claims} claims each (goal: at most 2 of 100 waiting)\n`,
  );
  console.table(table);
}

/** Behind the ledger's back: so many commits would take longer than all that is measured. */
function fill(schema: string, rows: number, partners: number): void {
  runSql(
    url,
    schema,
    `insert into message (id, station, partner, gateway_id, taken_at, content_digest, route, acknowledged, resends,
       revision, state, head_sequence, head_hash)
     select 'fill' || i, 'HUB', 'P' || i % ${partners}, '<' || i || '@fill>', i, 'd', 'orders', 1, 0, 0, 'scanning', 0, ''
     from generate_series(1, ${rows}) as i;
     insert into due (id, kind, subject, message_id, partner, due_at, since, attempts, epoch, revision, lease_until)
     select 'due' || i, 'scan', 'a' || i, 'fill' || i, 'P' || i % ${partners}, i, 1, 0, 0, 0, 0
     from generate_series(1, ${rows}) as i;
     analyze message; analyze due`,
  );
}
