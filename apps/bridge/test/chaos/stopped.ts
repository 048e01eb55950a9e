import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildBridge } from '../rig/build-bridge';
import { until } from '../rig/until';
import { openChaosRig } from './chaos-rig';
import { examine } from './examine';
import type { Force } from './force';
import { createRandom } from './random';
import { settle } from './settle';
import { createTally } from './tally';
import { createTraffic } from './traffic';
import { watchSubmits } from './watch-submits';

const sendWithinMs = 1_000;
/** What may lie between the write of a request and the moment at which the service notes it, on a machine with other work. */
const toleranceMs = 2_000;
/** Beyond its time by more than the tolerance: what leaves then is late by every clock. */
const farTooLateMs = sendWithinMs + toleranceMs + 1_000;

/** A machine that was suspended right before a submit must not send when it wakes up, if its time is over. */
export const stoppedProcesses: Force = {
  name: 'stopped',
  what: 'SIGSTOP past sendBy right before a submit, then SIGCONT',
  full: 200,
  short: 10,
  async run({ rounds, seed, makeLedger, say, announce }) {
    const { script, remove } = await buildBridge();
    const violations: string[] = [];
    const tally = createTally();
    const rig = await openChaosRig({
      script,
      seed,
      makeLedger,
      changes: { delivery: { sendWithin: `${String(sendWithinMs)}ms`, settle: '200ms' } },
    });
    try {
      const traffic = createTraffic(rig);
      const submits = watchSubmits(rig, toleranceMs);
      rig.bridge.start();
      await rig.bridge.up();
      for (let round = 0; round < rounds; round += 1) {
        const random = createRandom(seed + round);
        const named = (fault: string): string => `round ${String(round)} (seed ${String(seed)}): ${fault}`;
        const before = rig.gateway.calls['POST /message/submit'] ?? 0;
        const log = join(rig.directory, `stopped-${String(round)}`);
        // Mostly far too late, sometimes at the very end of the time, sometimes well within it.
        const pause = random.pick([farTooLateMs, farTooLateMs, sendWithinMs, sendWithinMs * 0.3]);
        await rig.bridge.control({ stop: { point: 'deliver send', nth: 1 + random.below(3), log } });
        await traffic.sendOrder(random);
        if (await untilStopped(log)) {
          await sleep(pause);
          rig.bridge.signal('SIGCONT');
          tally.add(pause > sendWithinMs ? 'stopped too long' : 'stopped for less');
        } else tally.add('never came to the point');
        const restless = await settle(rig, { withinMs: 30_000 });
        if (restless !== null) violations.push(...announce([named(restless)]));
        tally.add('submits', (rig.gateway.calls['POST /message/submit'] ?? 0) - before);
        if ((round + 1) % 50 === 0)
          say(`${String(round + 1)} rounds, ${String(violations.length)} violations`);
        await rm(log, { force: true });
      }
      await rig.bridge.stop();
      const { violations: found, counts } = await examine(rig, {
        expected: traffic.expected,
        excuses: ['delivery-unknown'],
      });
      tally.addAll(counts);
      const late = await submits.late();
      violations.push(...announce([...found, ...late].map((one) => `seed ${String(seed)}: ${one}`)));
    } finally {
      await rig.close();
      await remove();
    }
    return { rounds, facts: tally.text(), violations };
  },
};

async function untilStopped(log: string): Promise<boolean> {
  const look = async (): Promise<true | undefined> =>
    (await readFile(log, 'utf8').catch(() => '')) === '' ? undefined : true;
  return until('the process has stopped', look, { withinMs: 10_000 }).catch(() => false);
}
