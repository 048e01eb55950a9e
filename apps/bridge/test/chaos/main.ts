/**
 * Tries to break what the bridge promises: `pnpm test:chaos [force ...] [--full] [--rounds N] [--seed N] [--ledger postgres]`;
 * `--list` names the forces.
 * Without `--full` or `--rounds` each force makes its short run. Exit code 1 where a promise was broken; each violation
 * names the seed that makes it again.
 */
import { parseArgs } from 'node:util';
import './rig-directory';
import { startPostgresCluster } from '../../src/ledger/postgres/test/postgres-cluster';
import { bucketStore } from './bucket';
import type { Force } from './force';
import { kills } from './kills';
import { makePostgresLedger } from './ledger/postgres-chaos-ledger';
import { makeSqliteLedger } from './ledger/sqlite-chaos-ledger';
import { accidents } from './mishaps';
import { network } from './network';
import { partition } from './partition';
import { partners } from './partners';
import { postgresServer } from './postgres-server';
import { powerCuts } from './power-cuts';
import { schedules } from './schedules';
import { severalBridges } from './several';
import { stoppedProcesses } from './stopped';
import { verdicts } from './verdicts';

const forces: readonly Force[] = [
  verdicts,
  schedules,
  kills,
  powerCuts,
  network,
  stoppedProcesses,
  partners,
  accidents,
  postgresServer,
  severalBridges,
  partition,
  bucketStore,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    full: { type: 'boolean' },
    list: { type: 'boolean' },
    rounds: { type: 'string' },
    seed: { type: 'string' },
    ledger: { type: 'string', default: 'sqlite' },
  },
});
if (values.list === true) {
  process.stdout.write(`${forces.map(({ name }) => name).join('\n')}\n`);
  process.exit(0);
}
const unknown = positionals.find((wanted) => !forces.some(({ name }) => name === wanted));
if (unknown !== undefined) {
  process.stderr.write(
    `there is no force "${unknown}"; there are ${forces.map(({ name }) => name).join(', ')}\n`,
  );
  process.exit(1);
}
const chosen = positionals.length === 0 ? forces : forces.filter(({ name }) => positionals.includes(name));
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000_000));
process.stdout.write(`seed ${String(seed)}\n`);

if (!['sqlite', 'postgres'].includes(values.ledger)) {
  process.stderr.write(`--ledger is sqlite or postgres, not "${values.ledger}"\n`);
  process.exit(1);
}
// Stopped and removed when this process ends, however that is.
const makeLedger =
  values.ledger === 'postgres' ? makePostgresLedger(await startPostgresCluster()) : makeSqliteLedger;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const announce = (violations: readonly string[]): readonly string[] => {
  for (const violation of violations.slice(0, 20)) say(`VIOLATION ${violation}`);
  return violations;
};
const rows: string[][] = [];
let broken = 0;
for (const force of chosen) {
  const rounds =
    values.rounds === undefined ? (values.full === true ? force.full : force.short) : Number(values.rounds);
  process.stdout.write(`\n== ${force.name}: ${force.what}, ${String(rounds)} rounds\n`);
  const began = performance.now();
  const report = await force.run({ rounds, seed, makeLedger, say, announce });
  broken += report.violations.length;
  // A notice is for people: what the gate leaves out, nobody would miss.
  if (process.env['CI'] !== undefined && report.skipped?.includes('PostgreSQL') === true) broken += 1;
  rows.push([
    force.name,
    String(report.rounds),
    report.skipped === undefined ? String(report.violations.length) : 'skipped',
    `${((performance.now() - began) / 1000).toFixed(1)} s`,
    report.skipped ?? report.facts,
  ]);
}
const header = ['force', 'rounds', 'violations', 'time', 'facts'];
const widths = header.map((_, column) =>
  Math.max(...[header, ...rows].map((row) => (row[column] ?? '').length)),
);
process.stdout.write('\n');
for (const row of [header, ...rows])
  process.stdout.write(
    `${row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()}\n`,
  );
// Steps that a simulated crash cut off hold timers that nobody waits for.
process.exit(broken === 0 ? 0 : 1);
