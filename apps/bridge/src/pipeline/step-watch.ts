import type { DueWork } from '../ledger/ledger';
import type { Activity, StalledStep } from '../telemetry/activity';

/**
 * Longer than any call may take: the clocks of both clients end one after 10 minutes at the latest, and one that moves
 * bytes shows it.
 */
const stalledMs = 20 * 60_000;

interface Watched {
  readonly work: DueWork;
  bytes: number;
  /** On the monotonic clock: the last byte that was seen to move, or the beginning. */
  movedAt: number;
  told: boolean;
}

export interface StepWatch {
  /** A step begins; to be called when it has ended. */
  begin(work: DueWork): () => void;
  /** Tells of the steps that neither move a byte nor end. @returns those that were not told of before */
  look(): readonly StalledStep[];
}

/**
 * Finds steps that hang. They are shown and not cut off: every call has its own clocks, so that what hangs here is a fault
 * of this program, and to do such a step once more might do its work twice.
 */
export function createStepWatch({
  monotonic,
  activity,
}: {
  readonly monotonic: () => number;
  readonly activity: Pick<Activity, 'snapshot' | 'showStalled'>;
}): StepWatch {
  const watched = new Set<Watched>();

  return {
    begin(work) {
      const entry = { work, bytes: 0, movedAt: monotonic(), told: false };
      watched.add(entry);
      return () => void watched.delete(entry);
    },
    look() {
      const { transfers } = activity.snapshot();
      const now = monotonic();
      const stalled: StalledStep[] = [];
      const news: StalledStep[] = [];
      for (const entry of watched) {
        const { messageId, kind, subject } = entry.work;
        const bytes = transfers.reduce(
          (sum, one) => (one.messageId === messageId ? sum + one.bytes : sum),
          0,
        );
        if (bytes !== entry.bytes) Object.assign(entry, { bytes, movedAt: now, told: false });
        if (now - entry.movedAt < stalledMs) continue;
        const step = { stage: kind, messageId, subject, forMs: Math.round(now - entry.movedAt) };
        stalled.push(step);
        if (!entry.told) news.push(step);
        entry.told = true;
      }
      activity.showStalled(stalled);
      return news;
    },
  };
}
