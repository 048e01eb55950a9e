import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresCluster } from '../../src/ledger/postgres/test/postgres-cluster';
import { hasPostgres, startPostgresCluster } from '../../src/ledger/postgres/test/postgres-cluster';
import { freePort } from '../rig/free-port';
import { openChaosRig } from './chaos-rig';
import { examine } from './examine';
import type { Force } from './force';
import type { Batch } from './in-batches';
import { inBatches, ofBatch } from './in-batches';
import type { CommitFate, FaultProxy } from './ledger/fault-proxy';
import { startFaultProxy } from './ledger/fault-proxy';
import { makePostgresLedger } from './ledger/postgres-chaos-ledger';
import type { Random } from './random';
import { createRandom } from './random';
import { settle } from './settle';
import type { Traffic } from './traffic';
import { createTraffic } from './traffic';

const roundsOfOneRig = 25;
/** For so long the bridge does as if nothing were; what lasts longer than that has to be told and got over. */
const patienceMs = 10_000;

interface Stage {
  readonly cluster: PostgresCluster;
  readonly proxy: FaultProxy;
  readonly traffic: Traffic;
  readonly random: Random;
  readonly round: number;
}

/** In turn, so that a short run meets them all. */
const outages: readonly (readonly [string, (stage: Stage) => Promise<void>])[] = [
  ['immediate shutdowns', crash],
  ['connections cut', cutConnections],
  ['moved addresses', move],
  ['half-open connections', leaveHalfOpen],
  ['COMMITs cut', cutCommits],
];

/** The server of the ledger crashes, moves and falls silent while messages are under way. */
export const postgresServer: Force = {
  name: 'postgres',
  what: 'PostgreSQL: immediate shutdown, connections cut, half-open connections, restart at another port',
  full: 100,
  short: 5,
  async run(options) {
    if (!hasPostgres) return { rounds: 0, facts: '', violations: [], skipped: 'PostgreSQL is not installed' };
    return inBatches(options, { of: roundsOfOneRig, noun: 'rounds', run: oneServer });
  },
};

async function oneServer(batch: Batch): Promise<string[]> {
  const { script, first, last, seed, tally } = batch;
  const named = ofBatch('rounds', batch);
  const cluster = await startPostgresCluster();
  const proxy = await startFaultProxy(cluster.port);
  const rig = await openChaosRig({
    script,
    seed: seed + first,
    makeLedger: makePostgresLedger(cluster, { bridgePort: proxy.port }),
  });
  const violations: string[] = [];
  try {
    const traffic = createTraffic(rig);
    rig.bridge.start();
    await rig.bridge.up();
    for (let round = first; round < last; round += 1) {
      const random = createRandom(seed + round);
      const [name, happen] = outages[round % outages.length] ?? random.pick(outages);
      for (let count = 3 + random.below(4); count > 0; count -= 1) await traffic.send(random);
      await sleep(random.below(600));
      await happen({ cluster, proxy, traffic, random, round });
      for (let count = random.below(3); count > 0; count -= 1) await traffic.send(random);
      tally.add(name);
      // A statement that nobody answers is given up after 40 s.
      const restless = await settle(rig, { withinMs: 120_000 });
      proxy.clear();
      const faults = [...(restless === null ? [] : [restless]), ...rig.bridge.takeFaults()];
      violations.push(
        ...faults.map((fault) => `round ${String(round)}, ${name} (seed ${String(seed)}): ${fault}`),
      );
    }
    const restless = await settle(rig, { forMs: 2_500 });
    if (restless !== null) violations.push(named(restless));
    await rig.bridge.readPages();
    await rig.bridge.stop();
    tally.add('COMMITs lost', proxy.commitsCut());
    const { violations: found, counts } = await examine(rig, {
      expected: traffic.expected,
      excuses: ['delivery-unknown'],
    });
    tally.addAll(counts);
    return [...violations, ...found.map(named)];
  } finally {
    await rig.close();
    await proxy.close();
    cluster.remove();
  }
}

/** How long there is no server: mostly shorter than the bridge's patience, sometimes longer. */
const away = (random: Random): number =>
  random.chance(0.15) ? patienceMs + random.below(4_000) : random.below(2_500);

async function crash({ cluster, random }: Stage): Promise<void> {
  cluster.stop('immediate');
  await sleep(away(random));
  cluster.start();
}

/** Once or several times in a row, by the network or by the server. */
async function cutConnections({ proxy, random }: Stage): Promise<void> {
  for (let count = 1 + random.below(5); count > 0; count -= 1) {
    proxy.cut();
    await sleep(random.below(300));
  }
  if (!random.chance(0.3)) return;
  proxy.part('reset');
  await sleep(away(random));
  proxy.heal();
}

/** Every third or so of what is written: among them what must not be done twice. */
async function cutCommits({ proxy, traffic, random }: Stage): Promise<void> {
  const fate = (): CommitFate => random.pick(['passed', 'passed', 'passed', 'before', 'answer'] as const);
  proxy.cutCommits(Array.from({ length: 60 + random.below(100) }, fate));
  for (let count = 6; count > 0; count -= 1) {
    await traffic.send(random);
    await sleep(random.below(300));
  }
  await sleep(1_000);
  proxy.cutCommits([]);
}

/** The address stays, what stands behind it is another: as after a failover of a server with the same data. */
async function move({ cluster, proxy, random }: Stage): Promise<void> {
  cluster.stop(random.pick(['fast', 'immediate'] as const));
  await sleep(away(random));
  cluster.start(await freePort());
  proxy.moveTo(cluster.port);
}

/** What is connected stays so and carries nothing: a firewall that forgot it, a host that is gone. */
async function leaveHalfOpen({ proxy, random, round }: Stage): Promise<void> {
  proxy.freeze();
  // Until the bridge gives up by itself: 40 s, which is too long for the gate.
  if (round >= outages.length && random.chance(0.4)) return;
  // Sooner or later one side is told by a reset.
  await sleep(random.below(6_000));
  proxy.clear();
}
