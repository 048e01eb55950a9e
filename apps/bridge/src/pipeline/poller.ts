import { isMftBridgeError } from '@mft-bridge/http-transport';
import type { PipelineContext } from './context';
import { classifyFailure } from './failure';
import type { Intake } from './intake';

export interface Poller {
  start(): void;
  /** A hint that something came in: the next round is brought forward. */
  hint(): void;
  stop(): Promise<void>;
}

/** Runs intake rounds: at once while there is more, else every `intervalMs`. An error ends a round, never the poller. */
export function createPoller(
  { activity, log }: Pick<PipelineContext, 'activity' | 'log'>,
  intake: Intake,
  { intervalMs }: { intervalMs: number },
): Poller {
  const abort = new AbortController();
  let wakeUp: (() => void) | null = null;
  const hint = { given: false };
  let loop: Promise<void> = Promise.resolve();

  async function main(): Promise<void> {
    while (!abort.signal.aborted) {
      hint.given = false;
      const more = await round();
      if (!more) await pause();
    }
  }

  async function round(): Promise<boolean> {
    try {
      const { more } = await intake.poll(abort.signal);
      activity.impair('intake', null);
      return more;
    } catch (error) {
      if (abort.signal.aborted) return false;
      const { why } = classifyFailure(error);
      // Refused and misunderstood count as down as well: nothing comes in, and people must learn of it.
      if (isMftBridgeError(error)) activity.serviceDown('gateway', why);
      else activity.impair('intake', why);
      log.warn({ why }, 'intake round failed');
      return false;
    }
  }

  async function pause(): Promise<void> {
    if (abort.signal.aborted || hint.given) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, intervalMs);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    wakeUp = null;
  }

  return {
    start() {
      loop = main();
    },
    hint() {
      hint.given = true;
      wakeUp?.();
    },
    async stop() {
      abort.abort(new Error('the bridge was stopped'));
      wakeUp?.();
      await loop;
    },
  };
}
