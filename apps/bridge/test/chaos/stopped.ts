import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildBridge } from '../rig/build-bridge';
import { until } from '../rig/until';
import type { ChaosRig } from './chaos-rig';
import { openChaosRig } from './chaos-rig';
import { examine } from './examine';
import type { Force } from './force';
import { createRandom } from './random';
import { settle } from './settle';
import { createTally } from './tally';
import { createTraffic } from './traffic';

const sendWithinMs = 1_000;
/** What may lie between the write of a request and the moment at which the service notes it. */
const toleranceMs = 250;

/** A machine that was suspended right before a submit must not send when it wakes up, if its time is over. */
export const stoppedProcesses: Force = {
  name: 'stopped',
  what: 'SIGSTOP past sendBy right before a submit, then SIGCONT',
  full: 200,
  short: 10,
  async run({ rounds, seed, say, announce }) {
    const { script, remove } = await buildBridge();
    const violations: string[] = [];
    const tally = createTally();
    const rig = await openChaosRig({
      script,
      seed,
      changes: { delivery: { sendWithin: `${String(sendWithinMs)}ms`, settle: '200ms' } },
    });
    try {
      const traffic = createTraffic(rig);
      const submits: number[] = [];
      rig.gateway.onCall(({ operation, phase, at }) => {
        if (operation === 'POST /message/submit' && phase === 'received') submits.push(at);
      });
      rig.bridge.start();
      await rig.bridge.up();
      for (let round = 0; round < rounds; round += 1) {
        const random = createRandom(seed + round);
        const named = (fault: string): string => `round ${String(round)} (seed ${String(seed)}): ${fault}`;
        const before = rig.gateway.calls['POST /message/submit'] ?? 0;
        const log = join(rig.directory, `stopped-${String(round)}`);
        // Mostly far too late, sometimes at the very end of the time, sometimes well within it.
        const pause = random.pick([sendWithinMs * 1.4, sendWithinMs * 1.4, sendWithinMs, sendWithinMs * 0.3]);
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
      const late = await submitsAfterTheirTime(rig, submits);
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

/** Each request that the gateway saw must lie within the time of some intent. */
async function submitsAfterTheirTime(rig: ChaosRig, submits: readonly number[]): Promise<string[]> {
  const intents = await rig.withLedger(async (reader) => {
    const times: { at: number; sendBy: number }[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await reader.messages.list({ limit: 200, ...(cursor === undefined ? {} : { cursor }) });
      for (const { message } of page.items)
        for (const { event } of await reader.messages.timeline(message.id))
          if (event.type === 'intended') times.push({ at: event.at, sendBy: event.sendBy });
      if (page.next === undefined) return times;
      cursor = page.next;
    }
  });
  return submits.flatMap((at) =>
    (intents ?? []).some((intent) => intent.at <= at && at <= intent.sendBy + toleranceMs)
      ? []
      : [`a submit came at ${new Date(at).toISOString()}, after the time of every intent was over`],
  );
}
