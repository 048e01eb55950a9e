import { isMftBridgeError } from '@mft-bridge/http-transport';
import type { PipelineContext } from './context';
import { classifyFailure } from './failure';
import type { Intake } from './intake';
import type { Rounds } from './rounds';
import { createRounds } from './rounds';

/** A flood of hints brings no more than one round a second forward. */
const hintGapMs = 1_000;

/** Runs the poll: at once while there is more, else every `intervalMs`. An error ends a round, never the poller. */
export function createPoller(
  { activity, log, now }: Pick<PipelineContext, 'activity' | 'log' | 'now'>,
  intake: Pick<Intake, 'poll'>,
  { intervalMs }: { intervalMs: number },
): Rounds {
  return createRounds({
    intervalMs,
    hintGapMs,
    now,
    async round(signal) {
      try {
        const { more } = await intake.poll(signal);
        activity.impair('intake', null);
        return more;
      } catch (error) {
        if (signal.aborted) return false;
        const { why } = classifyFailure(error);
        // Refused and misunderstood count as down as well: nothing comes in, and people must learn of it.
        if (isMftBridgeError(error)) activity.serviceDown('gateway', why);
        else activity.impair('intake', why);
        log.warn({ why }, 'intake round failed');
        return false;
      }
    },
  });
}
