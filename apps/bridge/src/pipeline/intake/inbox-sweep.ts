import type { PipelineContext } from '../context';
import { inParallel } from './in-parallel';
import type { IntakePressure } from './pressure';
import type { Taker } from './taker';
import { servesStation } from './serves-station';
import { sweepPriority } from './taker';
import type { InboxWalk } from './inbox-walk';
import type { Watermark } from './watermark';

/** What a sweep needs besides the context. */
interface SweepParts {
  readonly taker: Taker;
  readonly walk: InboxWalk;
  readonly pressure: IntakePressure;
  readonly watermark: Watermark;
  /** How many rounds of the poll came to the end of a station's list so far. */
  readonly wholePolls: (station: string) => number;
}

/** One sweep over all messages of all stations. @returns whether it came to its end everywhere */
export type InboxSweep = (signal: AbortSignal) => Promise<boolean>;

/**
 * Finds what the poll cannot see: messages that somebody else marked read, or that were read before a backup of the
 * ledger was restored. Its requests come after all others. One that is broken off loses nothing: the watermark moves
 * only when a sweep came to its end, and the next one passes by what is known by then.
 */
export function createInboxSweep(
  context: Pick<PipelineContext, 'ledger' | 'settings' | 'log' | 'now' | 'membership'>,
  { taker, walk, pressure, watermark, wholePolls }: SweepParts,
): InboxSweep {
  const { ledger, settings, log, now } = context;
  /** What the last sweep left to the poll, by station. */
  const leftToPoll = new Map<string, { readonly ids: ReadonlySet<string>; readonly polls: number }>();

  /** What could not be taken may lie before the watermark by now. */
  async function retryFailed(signal: AbortSignal): Promise<void> {
    const due = (await ledger.intakeFailures.list()).filter(({ nextAt }) => nextAt <= now());
    await inParallel(due, settings.intakeConcurrency, async ({ gatewayId }) => {
      if (signal.aborted || (await pressure.lookAgain()) !== null) return;
      await taker.take(gatewayId, { source: 'retry', signal });
    });
  }

  /**
   * What was left to the poll before one of its rounds began, and still is after that round came to its end, stands
   * where the poll does not look: the list does not go by time, or moved under it.
   */
  async function takeMissed(station: string, left: readonly string[], signal: AbortSignal): Promise<void> {
    const before = leftToPoll.get(station);
    const polls = wholePolls(station);
    // One of the two may have begun earlier.
    const isMissed = before !== undefined && polls >= before.polls + 2;
    const missed = isMissed ? left.filter((id) => before.ids.has(id)) : [];
    if (isMissed || before === undefined) leftToPoll.set(station, { ids: new Set(left), polls });
    await inParallel([...missed].reverse(), settings.intakeConcurrency, async (id) => {
      if (signal.aborted || (await pressure.lookAgain()) !== null) return;
      const { outcome } = await taker.take(id, { source: 'poll', signal });
      if (outcome === 'taken') log.warn({ gatewayMessageId: id, station }, 'the poll missed a message');
    });
  }

  async function sweepStation(station: string, signal: AbortSignal): Promise<boolean> {
    const begunAt = now();
    const since = await watermark.since(station);
    const request = { station, since, source: 'sweep', priority: sweepPriority } as const;
    const { stopped, left } = await walk.back({ ...request, untilKnown: false, signal });
    await takeMissed(station, left, signal);
    if (stopped === null) await watermark.note(station, begunAt);
    else log.info({ station, why: stopped }, 'the sweep stopped; it goes on later');
    return stopped === null;
  }

  return async (signal) => {
    if ((await pressure.look()) !== null) return false;
    const ours = settings.stations.filter((station) => servesStation(context, station));
    if (ours.length === 0) return true;
    await retryFailed(signal);
    let whole = true;
    for (const station of ours) whole = (await sweepStation(station, signal)) && whole;
    return whole;
  };
}
