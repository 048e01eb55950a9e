/**
 * The embedded ledger alone: `pnpm bench ledger [--rows 100000] [--claims 300] [--commits 2000]`
 *
 * - how long a claim takes while so many rows wait, against a hundred, of one partner and of a thousand
 * - commits a second, one after the other and many at a time (they share a sync), with the writer in this thread and in one
 *   of its own
 * - how soon a bridge answers again that is started over so many waiting messages
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { SqliteLedgerOptions } from '../apps/bridge/src/ledger/sqlite-ledger';
import { openSqliteLedger } from '../apps/bridge/src/ledger/sqlite-ledger';
import { threadWriter } from '../apps/bridge/src/ledger/thread-writer';
import { fillLedger } from './fill-ledger';
import { openRig } from './rig';
import { median, quantile } from './statistics';

const { values } = parseArgs({
  options: { rows: { type: 'string' }, claims: { type: 'string' }, commits: { type: 'string' } },
});
const rows = Number(values.rows ?? 100_000);
const claims = Number(values.claims ?? 300);
const commits = Number(values.commits ?? 2_000);
const writers: Readonly<Record<string, Pick<SqliteLedgerOptions, 'openWriter'>>> = {
  'in this thread': {},
  'in its own thread': {
    openWriter: threadWriter({ script: new URL('../apps/bridge/dist/ledger-writer.js', import.meta.url) }),
  },
};

const directory = await mkdtemp(join(tmpdir(), 'ledger-bench-'));
try {
  await claimLatency();
  await commitRate();
  await restart();
} finally {
  await rm(directory, { recursive: true, force: true });
}
process.stdout.write(`load ${loadavg()[0]?.toFixed(1) ?? '?'}; Node ${process.version}\n`);

async function claimLatency(): Promise<void> {
  const cases = [
    { name: 'one partner', waiting: 100, partners: 1 },
    { name: 'one partner', waiting: rows, partners: 1 },
    { name: '1,000 partners', waiting: 100, partners: 100 },
    { name: '1,000 partners', waiting: rows, partners: 1_000 },
  ];
  const table = [];
  let few = NaN;
  for (const { name, waiting, partners } of cases) {
    const file = join(directory, `claims-${String(waiting)}-${String(partners)}.db`);
    await (await openSqliteLedger({ file, now: Date.now })).close();
    fillLedger(file, { rows: waiting, partners, dueAt: 0 });
    const ledger = await openSqliteLedger({ file, now: Date.now });
    const times: number[] = [];
    for (let turn = 0; turn < claims; turn += 1) {
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
      of: name,
      'median ms': middle.toFixed(2),
      'p99 ms': quantile(times, 0.99).toFixed(2),
      'of 100 waiting': (middle / few).toFixed(2),
    });
  }
  process.stdout.write(`\nclaim latency, ${String(claims)} claims each (goal: at most 2 of 100 waiting)\n`);
  console.table(table);
}

async function commitRate(): Promise<void> {
  const table = [];
  for (const [where, writer] of Object.entries(writers)) {
    const file = join(directory, `commits-${where.replaceAll(' ', '-')}.db`);
    const ledger = await openSqliteLedger({ file, now: Date.now, ...writer });
    const write = (index: number): Promise<void> =>
      ledger.settings.set(`key${String(index % 64)}`, String(index));
    for (let index = 0; index < 50; index += 1) await write(index);
    let began = performance.now();
    const alone = Math.ceil(commits / 5);
    for (let index = 0; index < alone; index += 1) await write(index);
    const oneByOne = alone / ((performance.now() - began) / 1000);
    began = performance.now();
    await Promise.all(
      Array.from({ length: 64 }, async (_, lane) => {
        for (let index = lane; index < commits; index += 64) await write(index);
      }),
    );
    const together = commits / ((performance.now() - began) / 1000);
    await ledger.close();
    table.push({
      writer: where,
      'one by one /s': oneByOne.toFixed(0),
      '64 at a time /s': together.toFixed(0),
      gain: (together / oneByOne).toFixed(1),
    });
  }
  process.stdout.write('\ncommits, each durable when it is answered\n');
  console.table(table);
}

async function restart(): Promise<void> {
  const rig = await openRig({ concurrency: 4 });
  try {
    const first = performance.now();
    await (await rig.startBridge()).stop();
    const empty = performance.now() - first;
    fillLedger(rig.ledgerFile, { rows, partners: 1_000, dueAt: Date.now() + 3_600_000 });
    const again = performance.now();
    const bridge = await rig.startBridge();
    const full = performance.now() - again;
    await bridge.stop();
    process.stdout.write(`\nfrom the start of the process until it answers (goal: within 5 s)\n`);
    console.table([
      { waiting: 0, 'start and stop, s': (empty / 1000).toFixed(2) },
      { waiting: rows, 'start, s': (full / 1000).toFixed(2) },
    ]);
  } finally {
    await rig.close();
  }
}
