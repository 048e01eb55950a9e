import { setTimeout as sleep } from 'node:timers/promises';
import { hasPostgres } from '../../src/ledger/postgres/test/postgres-cluster';
import { examine } from './examine';
import type { Force } from './force';
import type { Batch } from './in-batches';
import { inBatches, ofBatch } from './in-batches';
import type { Random } from './random';
import { createRandom } from './random';
import { settle } from './settle';
import type { SeveralRig } from './several-rig';
import { leaseMs, openSeveralRig, toleranceMs } from './several-rig';
import type { Tally } from './tally';
import type { Traffic } from './traffic';
import { createTraffic } from './traffic';
import type { SubmitWatch } from './watch-submits';
import { watchSubmits } from './watch-submits';

const roundsOfOneRig = 25;

/** One of two bridges loses its ledger, but neither gateway nor scanner; the other goes on for both; then it is healed. */
export const partition: Force = {
  name: 'partition',
  what: 'one bridge of two cut off from PostgreSQL while it still reaches the gateway, then healed',
  full: 50,
  short: 3,
  async run(options) {
    if (!hasPostgres) return { rounds: 0, facts: '', violations: [], skipped: 'PostgreSQL is not installed' };
    return inBatches(options, { of: roundsOfOneRig, noun: 'rounds', run: partOneRig });
  },
};

async function partOneRig(batch: Batch): Promise<readonly string[]> {
  const { script, first, seed } = batch;
  const rig = await openSeveralRig({ script, seed: seed + first, names: ['one', 'two'] });
  try {
    return await partAgainAndAgain(rig, batch);
  } finally {
    await rig.close();
  }
}

async function partAgainAndAgain(rig: SeveralRig, batch: Batch): Promise<string[]> {
  const { first, last, seed, tally } = batch;
  const named = ofBatch('rounds', batch);
  const violations: string[] = [];
  const traffic = createTraffic(rig);
  const submits: SubmitWatch = watchSubmits(rig, toleranceMs);
  await rig.startAll();
  const reviving = setInterval(() => rig.reviveAll(), 250);
  try {
    for (let round = first; round < last; round += 1) {
      const random = createRandom(seed + round);
      // Each in turn is away for long: the one that goes on took over what the other did, and has to give it away now.
      const isLong = round % 3 !== 1;
      const who = rig.bridges[(round % 3) / 2] ?? random.pick(rig.bridges);
      const restless = await partOnce(rig, { traffic, random, tally, who, isLong });
      violations.push(...restless.map((one) => `round ${String(round)} (seed ${String(seed)}): ${one}`));
    }
    const restless = await settle(rig, { withinMs: 120_000, forMs: 2_500 });
    if (restless !== null) violations.push(named(restless));
    for (const { bridge } of rig.bridges) await bridge.readPages();
    clearInterval(reviving);
    await rig.stopAll();
    const { violations: found, counts } = await examine(rig, {
      expected: traffic.expected,
      excuses: ['delivery-unknown'],
    });
    tally.addAll(counts);
    const faults = rig.bridges.flatMap(({ bridge }) => bridge.takeFaults());
    return [...violations, ...[...found, ...faults, ...(await submits.late())].map(named)];
  } finally {
    clearInterval(reviving);
  }
}

interface Stage {
  readonly traffic: Traffic;
  readonly random: Random;
  readonly tally: Tally;
  /** Who is cut off. */
  readonly who: SeveralRig['bridges'][number];
  /** For longer than a lease: the other has to take over. */
  readonly isLong: boolean;
}

/** @returns what did not come to rest */
async function partOnce(rig: SeveralRig, { traffic, random, tally, who, isLong }: Stage): Promise<string[]> {
  const { way, name } = who;
  const how = random.pick(['silent', 'silent', 'reset'] as const);
  const restless: string[] = [];
  for (let count = 3 + random.below(4); count > 0; count -= 1) await traffic.send(random);
  await sleep(random.below(600));
  way.part(how);
  tally.add(`${isLong ? 'long' : 'short'} ${how} partitions`);
  for (let count = 2 + random.below(3); count > 0; count -= 1) await traffic.send(random);
  if (isLong) {
    // All of it, while the one is away: also what that one had begun.
    const left = await settle(rig, { withinMs: 150_000 });
    if (left !== null) restless.push(`with ${name} cut off: ${left}`);
    await sleep(random.below(leaseMs));
  } else await sleep(leaseMs * 0.7 * random.next());
  way.heal();
  for (let count = random.below(3); count > 0; count -= 1) await traffic.send(random);
  const left = await settle(rig, { withinMs: 150_000 });
  if (left !== null) restless.push(`after ${name} was healed: ${left}`);
  return restless;
}
