/**
 * Kills the bridge with SIGKILL at each point of its way, starts it again, and counts by what partner, folder and scanner
 * saw: the table must be the one of a run without a kill.
 *
 * Which points there are is learned from the first run: those that the bridge announces itself, and each call that it
 * makes, as a service sees it come and as the answer is about to leave. Each is tried once. With
 * `KILL_TEST_EVERY_TIME=1` each is tried the first, the second and the last time that the bridge comes to it (minutes).
 * `KILL_TEST_ONLY=<pattern>` tries the points whose names fit, to look into one.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuiltBridge } from './rig/build-bridge';
import { buildBridge } from './rig/build-bridge';
import type { KillPoint, KillRun } from './rig/kill-run';
import { killRun } from './rig/kill-run';

const lanes = 4;
/** Whether the first look at a submission comes too early is a matter of milliseconds. */
const dependsOnTime = new Set(['confirm again']);
const only = new RegExp(process.env['KILL_TEST_ONLY'] ?? '');
const everyTime = process.env['KILL_TEST_EVERY_TIME'] === '1';
jest.setTimeout(everyTime ? 3_600_000 : 600_000);

let built: BuiltBridge;
let directory: string;
let undisturbed: KillRun;
let steps: readonly string[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kill-test-'));
  built = await buildBridge();
  const stepLog = join(directory, 'steps.log');
  undisturbed = await killRun(built.script, null, { stepLog });
  steps = (await readFile(stepLog, 'utf8')).trim().split('\n');
});

afterAll(async () => {
  await built.remove();
  await rm(directory, { recursive: true, force: true });
});

test('without a kill every message comes to its place', () => {
  const { stock, kills } = undisturbed;
  expect(kills).toBe(0);
  expect(stock).toMatchObject({
    ledger: [
      '<850-4711@acme.example>: forwarded, resends 1',
      '<850-4711@acme.example>: held, id-conflict, resends 0',
      '<eicar@acme.example>: quarantined, scanner-blocked, resends 0',
      '<large@acme.example>: held, too-large, resends 0',
      '<scan@globex.example>: forwarded, resends 0',
      '<svg@acme.example>: forwarded, resends 0',
      '<three@acme.example>: forwarded, resends 0',
      '<zip@acme.example>: held, scanner-held, resends 0',
    ],
    withoutEvidence: [],
    unread: [],
    orphans: [],
    staged: [],
    atScanner: { blocked: 1, unscannable: 1 },
    due: {},
    intakeFailures: [],
    brokenChains: [],
  });
  expect(stock.arrived.map((line) => line.replaceAll(/ [0-9a-f]{64}/g, ''))).toEqual([
    'invoice.xml + notes.txt + table.csv',
    'label.svg',
    'order.x12',
  ]);
  expect(stock.folder).toEqual([expect.stringMatching(/^scan\.tiff /)]);
});

test('killed at any point and started again, the table is the same', async () => {
  const all = [...stepPoints(), ...callPoints()];
  const points = all.filter(({ name }) => only.test(name));
  const failures: string[] = [];
  const queue = points[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (const point of queue) {
      const fault = await tryPoint(point);
      if (fault !== null) failures.push(fault);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  expect(failures).toEqual([]);
  // The list itself is a promise: a stage that announced nothing would be tested by nothing.
  for (const stage of [
    'fetch',
    'intake',
    'record',
    'acknowledge',
    'scan',
    'decide',
    'deliver',
    'confirm',
    'dispose',
  ]) {
    expect(all).toContainEqual(expect.objectContaining({ name: expect.stringMatching(`^${stage} `) }));
  }
});

async function tryPoint(point: KillPoint): Promise<string | null> {
  const name = JSON.stringify(point);
  try {
    // Timing may lead past a point (a second look, a retry): then once more. Past the first of its kind twice in a row it must not.
    let kills = 0;
    for (let turn = 0; turn < 2 && kills === 0; turn += 1) {
      const run = await killRun(built.script, point);
      expect(run.stock).toEqual(undisturbed.stock);
      expect(run.readWithoutCustody).toEqual([]);
      kills = run.kills;
    }
    if (point.nth === 1 && !dependsOnTime.has(point.name)) expect(kills).toBe(1);
    return null;
  } catch (error) {
    return `${name}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function stepPoints(): KillPoint[] {
  return [...countBy(steps)].flatMap(([name, count]) =>
    times(count).map((nth): KillPoint => ({ kind: 'step', name, nth })),
  );
}

function callPoints(): KillPoint[] {
  return [...countBy(undisturbed.calls)].flatMap(([name, count]) =>
    times(count).flatMap((nth) =>
      (['received', 'answered'] as const).map((phase): KillPoint => ({ kind: 'call', name, phase, nth })),
    ),
  );
}

function times(count: number): number[] {
  return everyTime ? [...new Set([1, Math.min(2, count), count])] : [1];
}

function countBy(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
