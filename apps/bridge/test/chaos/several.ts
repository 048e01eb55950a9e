import { setTimeout as sleep } from 'node:timers/promises';
import { hasPostgres } from '../../src/ledger/postgres/test/postgres-cluster';
import { buildBridge } from '../rig/build-bridge';
import { countInWork } from './count-in-work';
import { examine } from './examine';
import type { Force } from './force';
import { createHarm } from './harm';
import { createRandom } from './random';
import { settle } from './settle';
import type { SeveralRig } from './several-rig';
import { openSeveralRig, toleranceMs } from './several-rig';
import { createTally } from './tally';
import { createTraffic } from './traffic';
import { watchSubmits } from './watch-submits';

const tickMs = 250;
/** On a slow machine less is sent: load, and not a heap that grows for as long as the run is. */
const mostInWork = 40;

/** Three bridges share the work while one after the other is killed, or stands still for longer than its lease. */
export const severalBridges: Force = {
  name: 'several',
  what: 'three bridges on one PostgreSQL under load, one killed or stopped past its lease every few seconds; a round is a second',
  full: 1_800,
  short: 60,
  async run({ rounds, seed, say, announce }) {
    if (!hasPostgres) return { rounds: 0, facts: '', violations: [], skipped: 'PostgreSQL is not installed' };
    const { script, remove } = await buildBridge();
    const tally = createTally();
    const rig = await openSeveralRig({ script, seed, names: ['one', 'two', 'three'] });
    try {
      const random = createRandom(seed);
      const traffic = createTraffic(rig);
      const submits = watchSubmits(rig, toleranceMs);
      const violations: string[] = [];
      await rig.startAll();
      const harm = createHarm(rig, random, tally);
      const end = performance.now() + rounds * 1_000;
      let isFull = false;
      for (let tick = 1; performance.now() < end; tick += 1) {
        if (tick % 8 === 1) isFull = (await countInWork(rig)) > mostInWork;
        if (!isFull && random.chance(0.8)) await traffic.send(random);
        harm.tick();
        rig.reviveAll();
        await sleep(tickMs);
        if (tick % 240 === 0)
          say(`${String(Math.round(tick / 4))} s, ${String(violations.length)} violations`);
      }
      await harm.end();
      const named = (one: string): string => `seed ${String(seed)}: ${one}`;
      const restless = await untilRest(rig);
      if (restless !== null) violations.push(...announce([named(restless)]));
      for (const { bridge } of rig.bridges) await bridge.readPages();
      await rig.stopAll();
      const { violations: found, counts } = await examine(rig, {
        expected: traffic.expected,
        excuses: ['delivery-unknown'],
      });
      tally.addAll(counts);
      const faults = rig.bridges.flatMap(({ bridge }) => bridge.takeFaults());
      violations.push(...announce([...found, ...faults, ...(await submits.late())].map(named)));
      return { rounds, facts: tally.text(), violations };
    } finally {
      await rig.close();
      await remove();
    }
  },
};

/** Whoever ended is started again meanwhile. */
async function untilRest(rig: SeveralRig): Promise<string | null> {
  const reviving = setInterval(() => rig.reviveAll(), tickMs);
  try {
    return await settle(rig, { withinMs: 180_000, forMs: 2_500 });
  } finally {
    clearInterval(reviving);
  }
}
