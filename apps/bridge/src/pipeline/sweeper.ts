import type { PipelineContext } from './context';
import { classifyFailure } from './failure';
import type { Intake } from './intake';
import type { Rounds } from './rounds';
import { createRounds } from './rounds';

/**
 * Runs the sweep at the start and every `intervalMs`. One that fails is done again then: whether the gateway answers is
 * the poll's to tell.
 */
export function createSweeper(
  { log, now }: Pick<PipelineContext, 'log' | 'now'>,
  intake: Pick<Intake, 'sweep'>,
  { intervalMs }: { intervalMs: number },
): Rounds {
  return createRounds({
    intervalMs,
    hintGapMs: intervalMs,
    now,
    async round(signal) {
      try {
        await intake.sweep(signal);
      } catch (error) {
        if (!signal.aborted)
          log.warn({ why: classifyFailure(error).why }, 'the sweep failed; it is done again later');
      }
      return false;
    },
  });
}
