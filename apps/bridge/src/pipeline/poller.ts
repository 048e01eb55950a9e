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
      return (await intake.poll(abort.signal)).more;
    } catch (error) {
      if (abort.signal.aborted) return false;
      const { why, unreachable } = classifyFailure(error);
      if (unreachable) activity.serviceDown('gateway', why);
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
