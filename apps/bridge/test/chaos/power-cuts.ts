import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildBridge } from '../rig/build-bridge';
import { examineDead } from './at-death';
import type { ChaosRig } from './chaos-rig';
import { openChaosRig } from './chaos-rig';
import type { CutDisk } from './cut-disk';
import { openCutDisk, whyNoCutDisk } from './cut-disk';
import { examine } from './examine';
import type { Force } from './force';
import { createRandom } from './random';
import { settle } from './settle';
import type { Tally } from './tally';
import { createTally } from './tally';
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
  async run({ rounds, seed, makeLedger, say, announce }) {
    const why = await whyNoCutDisk();
    if (why !== null) return { rounds: 0, facts: '', violations: [], skipped: why };
    const { script, remove } = await buildBridge();
    const violations: string[] = [];
    const tally = createTally();
    const control = { lost: 0, kept: 0 };
    try {
      for (let first = 0; first < rounds; first += roundsOfOneDisk) {
        const last = Math.min(first + roundsOfOneDisk, rounds);
        const disk = await openCutDisk();
        const rig = await openChaosRig({ script, seed: seed + first, makeLedger, directory: disk.directory });
        try {
          await disk.sync();
          violations.push(...announce(await cutOneDisk(rig, disk, { first, last, seed, tally, control })));
          say(`${String(last)} rounds, ${String(violations.length)} violations`);
        } finally {
          await rig.close();
          await disk.close();
        }
      }
    } finally {
      await remove();
    }
    const { lost, kept } = control;
    if (lost * 100 < leastLost * (lost + kept))
      violations.push(
        ...announce([
          `no power cut: ${String(kept)} of ${String(lost + kept)} files that nobody synced were still there`,
        ]),
      );
    return {
      rounds,
      facts: `${String(lost)} of ${String(lost + kept)} unsynced files lost, ${tally.text()}`,
      violations,
    };
  },
};

interface Rounds {
  readonly first: number;
  readonly last: number;
  readonly seed: number;
  readonly tally: Tally;
  readonly control: { lost: number; kept: number };
}

async function cutOneDisk(
  rig: ChaosRig,
  disk: CutDisk,
  { first, last, seed, tally, control }: Rounds,
): Promise<string[]> {
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
  const where = `rounds ${String(first)} to ${String(last - 1)} (seed ${String(seed)})`;
  const restless = await settle(rig, { forMs: 2_500 });
  if (restless !== null) violations.push(`${where}: ${restless}`);
  await rig.bridge.stop();
  const { violations: found, counts } = await examine(rig, {
    expected: traffic.expected,
    excuses: ['delivery-unknown'],
  });
  tally.addAll(counts);
  return [...violations, ...found.map((violation) => `${where}: ${violation}`)];
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
