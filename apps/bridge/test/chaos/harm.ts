import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../rig/until';
import type { Random } from './random';
import type { SeveralRig } from './several-rig';
import { leaseMs } from './several-rig';
import type { Tally } from './tally';

/** From one harm to the next, at most. */
const gapMs = 4_000;
/** How long a bridge is given to come to a submit. */
const submitMs = 4_000;

/** Harms one bridge of several after the other; one of them is always well. */
export interface Harm {
  /** To be called often. */
  tick(): void;
  /** Nobody stands still any more, and whoever was killed runs again. */
  end(): Promise<void>;
}

type One = SeveralRig['bridges'][number];

export function createHarm({ bridges, directory, gateway }: SeveralRig, random: Random, tally: Tally): Harm {
  const unwell = new Map<One, Promise<void>>();
  let count = 0;
  let next = performance.now() + random.below(gapMs);

  /** SIGSTOP, by itself right before it submits: at the one point at which others must neither wait for ever nor send. */
  async function stopBeforeSubmit({ name, bridge }: One): Promise<void> {
    const log = join(directory, `stopped-${name}-${String(count)}`);
    await bridge.up().catch(() => undefined);
    await bridge.control({ stop: { point: 'deliver send', nth: 1, log } });
    const look = async (): Promise<true | undefined> =>
      (await readFile(log, 'utf8').catch(() => '')) === '' ? undefined : true;
    const isThere = await until('it stands before a submit', look, { withinMs: submitMs }).catch(() => false);
    if (isThere) tally.add('stood before a submit');
    await bridge.control({ stop: null });
    if (!isThere) {
      // Told before it stands: it must not stop by itself when it goes on.
      await sleep(200);
      bridge.signal('SIGSTOP');
    }
    await rm(log, { force: true });
  }

  /** When the next submit is at the gateway, which may be its own. */
  async function untilSubmit(): Promise<void> {
    const phase = random.pick(['received', 'answered'] as const);
    const stops: (() => void)[] = [];
    await Promise.race([
      sleep(submitMs),
      new Promise<void>((resolve) => {
        stops.push(
          gateway.onCall((call) => {
            if (call.operation === 'POST /message/submit' && call.phase === phase) resolve();
          }),
        );
      }),
    ]);
    for (const stop of stops) stop();
  }

  async function kill(one: One): Promise<void> {
    const where = random.below(3);
    if (where === 0) await stopBeforeSubmit(one);
    if (where === 1) await untilSubmit();
    await one.bridge.kill();
    tally.add('killed');
    await sleep(random.below(3_000));
    one.bridge.start();
  }

  async function stop(one: One): Promise<void> {
    const isLong = count === 1 || random.chance(0.7);
    tally.add(isLong ? 'stopped past the lease' : 'stopped for less');
    if (count === 1 || random.chance(0.7)) await stopBeforeSubmit(one);
    else one.bridge.signal('SIGSTOP');
    await sleep(isLong ? leaseMs * (1.1 + random.next()) : leaseMs * 0.6 * random.next());
    one.bridge.signal('SIGCONT');
  }

  return {
    tick() {
      if (performance.now() < next) return;
      next = performance.now() + 1_000 + random.below(gapMs);
      const one = random.pick(bridges);
      if (unwell.has(one) || unwell.size >= bridges.length - 1) return;
      count += 1;
      // A short run meets both.
      const kills = count === 1 ? false : count === 2 || random.chance(0.5);
      unwell.set(
        one,
        (kills ? kill(one) : stop(one)).finally(() => unwell.delete(one)),
      );
    },
    async end() {
      await Promise.all(unwell.values());
    },
  };
}
