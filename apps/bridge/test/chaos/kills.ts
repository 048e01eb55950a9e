import { setTimeout as sleep } from 'node:timers/promises';
import { examineDead } from './at-death';
import type { ChaosRig } from './chaos-rig';
import { openChaosRig } from './chaos-rig';
import { examine } from './examine';
import type { Force } from './force';
import type { Batch } from './in-batches';
import { inBatches, ofBatch } from './in-batches';
import type { Random } from './random';
import { createRandom } from './random';
import { createRestores } from './restores';
import { settle } from './settle';
import { createTraffic } from './traffic';

/** Rounds with one ledger: it grows, and what an early kill broke has time to show. */
const roundsOfOneRig = 50;

/** Kills the bridge at any instant, also while it starts and before it has come back. */
export const kills: Force = {
  name: 'kill',
  what: 'kill -9 at a random instant, also during recovery, backup and restore',
  full: 500,
  short: 25,
  run: (options) => inBatches(options, { of: roundsOfOneRig, noun: 'rounds', run: killOneRig }),
};

async function killOneRig(batch: Batch): Promise<readonly string[]> {
  const { script, first, seed, makeLedger } = batch;
  const rig = await openChaosRig({ script, seed: seed + first, makeLedger });
  try {
    return await killAgainAndAgain(rig, batch);
  } finally {
    await rig.close();
  }
}

async function killAgainAndAgain(rig: ChaosRig, batch: Batch): Promise<string[]> {
  const { first, last, seed, tally } = batch;
  const named = ofBatch('rounds', batch);
  const violations: string[] = [];
  const traffic = createTraffic(rig);
  const restores = createRestores(rig, tally);
  rig.bridge.start();
  for (let round = first; round < last; round += 1) {
    const random = createRandom(seed + round);
    for (let count = random.below(5); count > 0; count -= 1) await traffic.send(random);
    const faulty: string[] = [];
    if (round % 25 === 18) faulty.push(...(await restores.backUp(random)));
    tally.add(await killOnce(rig, random));
    faulty.push(...(await examineDead(rig)), ...rig.bridge.takeFaults());
    if (round % 25 === 21) faulty.push(...(await restores.restore(random)));
    else rig.bridge.start();
    violations.push(...faulty.map((fault) => `round ${String(round)} (seed ${String(seed)}): ${fault}`));
  }
  const restless = await settle(rig, { forMs: 2_500 });
  if (restless !== null) violations.push(named(restless));
  await rig.bridge.readPages();
  await rig.bridge.stop();
  const { violations: found, counts } = await examine(rig, {
    expected: traffic.expected,
    excuses: ['delivery-unknown', 'after-restore'],
  });
  tally.addAll(counts);
  return [...violations, ...found.map(named)];
}

/** @returns how it was killed */
async function killOnce({ bridge, gateway, scanner }: ChaosRig, random: Random): Promise<string> {
  const dice = random.next();
  if (dice < 0.3) {
    // While it starts: modules are loaded in the first half, ledger and custody are looked through in the second.
    await sleep(random.below(700));
    await bridge.kill();
    return 'killed while it started';
  }
  await bridge.up().catch(() => undefined);
  if (dice < 0.6) {
    await sleep(random.below(900));
    await bridge.kill();
    return 'killed while it ran';
  }
  // At a call: the service has it, or has done its work and the answer is about to leave.
  const phase = random.pick(['received', 'answered'] as const);
  let left = 1 + random.below(60);
  const stops: (() => void)[] = [];
  await Promise.race([
    sleep(3_000),
    new Promise<void>((resolve) => {
      for (const service of [gateway, scanner])
        stops.push(
          service.onCall((event) => {
            if (event.phase !== phase) return;
            left -= 1;
            if (left !== 0) return;
            bridge.signal('SIGKILL');
            resolve();
          }),
        );
    }),
  ]);
  for (const stop of stops) stop();
  await bridge.kill();
  return `killed when a call was ${phase}`;
}
