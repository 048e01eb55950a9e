import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { examineDead } from './at-death';
import type { ChaosRig } from './chaos-rig';
import { openChaosRig } from './chaos-rig';
import type { CutDisk } from './cut-disk';
import { openCutDisk, whyNoCutDisk } from './cut-disk';
import { examine } from './examine';
import type { Force } from './force';
import type { Batch } from './in-batches';
import { inBatches, ofBatch } from './in-batches';
import { createRandom } from './random';
import { settle } from './settle';
import { createTraffic } from './traffic';

const roundsOfOneDisk = 20;
/** Of the files that were written and not synced, so many of 100 at least must be gone: else this is no power cut. */
const leastLost = 60;

/** The disk of the bridge as it was at an instant, without what was not synced; then a bridge that starts on it. */
export const powerCuts: Force = {
  name: 'power-cut',
  what: 'power cut: the bridge goes on with what its disk had at a random instant',
  full: 100,
  short: 5,
  async run(options) {
    const why = await whyNoCutDisk();
    if (why !== null) return { rounds: 0, facts: '', violations: [], skipped: why };
    const control: Control = { lost: 0, kept: 0 };
    const report = await inBatches(options, {
      of: roundsOfOneDisk,
      noun: 'rounds',
      run: (batch) => cutOneDisk(batch, control),
    });
    const { lost, kept } = control;
    const all = lost + kept;
    const doubt = `no power cut: ${String(kept)} of ${String(all)} files that nobody synced were still there`;
    const weak = lost * 100 < leastLost * all ? options.announce([doubt]) : [];
    return {
      ...report,
      facts: `${String(lost)} of ${String(all)} unsynced files lost, ${report.facts}`,
      violations: [...report.violations, ...weak],
    };
  },
};

/** What became of files that nobody synced: kept where the cut was none. */
interface Control {
  lost: number;
  kept: number;
}

async function cutOneDisk(batch: Batch, control: Control): Promise<readonly string[]> {
  const { script, first, seed, makeLedger } = batch;
  const disk = await openCutDisk();
  const rig = await openChaosRig({ script, seed: seed + first, makeLedger, directory: disk.directory });
  try {
    await disk.sync();
    return await cutAgainAndAgain({ rig, disk, batch, control });
  } finally {
    await rig.close();
    await disk.close();
  }
}

interface Stage {
  readonly rig: ChaosRig;
  readonly disk: CutDisk;
  readonly batch: Batch;
  readonly control: Control;
}

async function cutAgainAndAgain({ rig, disk, batch, control }: Stage): Promise<string[]> {
  const { first, last, seed, tally } = batch;
  const violations: string[] = [];
  const traffic = createTraffic(rig);
  rig.bridge.start();
  for (let round = first; round < last; round += 1) {
    const named = (fault: string): string => `round ${String(round)} (seed ${String(seed)}): ${fault}`;
    const random = createRandom(seed + round);
    for (let count = 2 + random.below(5); count > 0; count -= 1) await traffic.send(random);
    const before = await kept(rig);
    // In some rounds the cut comes while it starts, and so while it recovers from the one before.
    if (random.chance(0.8)) await rig.bridge.up().catch(() => undefined);
    await sleep(random.below(1_500));

    const [unsynced, synced] = [
      join(disk.directory, `unsynced-${String(round)}`),
      join(disk.directory, `synced-${String(round)}`),
    ];
    await writeSynced(synced, 'kept');
    await writeFile(unsynced, 'lost');
    // Nothing that the services see may come later than the copy: it stands still first, and dies before it goes on.
    rig.bridge.signal('SIGSTOP');
    await sleep(20);
    await disk.cut(() => rig.bridge.kill());
    control[(await readFile(unsynced, 'utf8').catch(() => '')) === 'lost' ? 'kept' : 'lost'] += 1;
    if ((await readFile(synced, 'utf8').catch(() => '')) !== 'kept')
      violations.push(named('a file that was synced is gone: the copy is no disk after a power cut'));
    tally.add('messages taken right before a cut', (await kept(rig)) - before);
    violations.push(...[...(await examineDead(rig)), ...rig.bridge.takeFaults()].map(named));
    rig.bridge.start();
  }
  const ofAll = ofBatch('rounds', batch);
  const restless = await settle(rig, { forMs: 2_500 });
  if (restless !== null) violations.push(ofAll(restless));
  await rig.bridge.stop();
  const { violations: found, counts } = await examine(rig, {
    expected: traffic.expected,
    excuses: ['delivery-unknown'],
  });
  tally.addAll(counts);
  return [...violations, ...found.map(ofAll)];
}

/** How many messages the ledger knows. */
async function kept(rig: ChaosRig): Promise<number> {
  const states = await rig.withLedger((reader) => reader.messages.countByState());
  return Object.values(states ?? {}).reduce((sum, count) => sum + count, 0);
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'w');
  await file.writeFile(text);
  await file.sync();
  await file.close();
}
