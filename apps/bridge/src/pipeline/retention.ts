import type { Message, MessageState } from '../domain/message';
import { isSettled, messageState } from '../domain/message';
import type { PipelineContext } from './context';
import { classifyFailure } from './failure';
import type { Rounds } from './rounds';
import { createRounds } from './rounds';
import { record } from './record';

/** How long what is settled is kept, in ms. */
export interface RetentionPeriods {
  readonly delivered: number;
  readonly held: number;
  readonly quarantine: number;
  readonly ledger: number;
  readonly audit: number;
}

/** Which period counts for the bytes of a message; of one that went its way in part, that of the part that did not. */
const groups = [
  { period: 'delivered', states: ['forwarded', 'observed'] },
  { period: 'held', states: ['held', 'dead-letter', 'partly-forwarded'] },
  { period: 'quarantine', states: ['quarantined'] },
] as const satisfies readonly { period: keyof RetentionPeriods; states: readonly MessageState[] }[];

/** The gateway deletes a message after 35 days: nobody asks whether it is to be skipped any more. */
const skippedForMs = 40 * 86_400_000;

const batch = 100;
const longestPauseMs = 3_600_000;
const shortestPauseMs = 500;

type RetentionContext = Pick<
  PipelineContext,
  'ledger' | 'custody' | 'log' | 'metrics' | 'now' | 'wake' | 'activity' | 'membership' | 'patience'
>;

/** Removes what is no longer to be kept, from time to time. Legal hold stops it for a message, in the ledger itself. */
export function createRetention(context: RetentionContext, periods: RetentionPeriods): Rounds {
  const { log, now, activity } = context;
  const { delivered, held, quarantine, ledger, audit } = periods;
  const shortest = Math.min(delivered, held, quarantine, ledger, audit);
  const intervalMs = Math.max(shortestPauseMs, Math.min(longestPauseMs, shortest));
  return createRounds({
    intervalMs,
    hintGapMs: intervalMs,
    now,
    async round(signal) {
      // One of several bridges does it for all.
      if (context.membership?.holds('retention') === false) {
        activity.impair('retention', null);
        return false;
      }
      try {
        await removeOverdue(context, periods, signal);
        activity.impair('retention', null);
        context.patience?.worked('retention');
      } catch (error) {
        const { why } = classifyFailure(error);
        activity.impair('retention', why);
        if (!signal.aborted) context.patience?.failed('retention', why);
        log.error({ why }, 'what is no longer to be kept could not be removed; it is tried again');
      }
      return false;
    },
  });
}

/** One round: bytes first, then what the ledger knows about them, then that they were there at all. */
export async function removeOverdue(
  context: RetentionContext,
  periods: RetentionPeriods,
  signal: AbortSignal,
): Promise<void> {
  const { ledger, log, now } = context;
  const { retention } = ledger;
  const counts = { bytes: 0, archived: 0, forgotten: 0 };
  for (const { period, states } of groups) {
    counts.bytes += await inBatches(signal, async () => {
      const ids = await retention.bytesDue({ states, before: now() - periods[period], limit: batch });
      for (const id of ids) await removeBytes(context, id);
      return ids;
    });
  }
  counts.archived = await inBatches(signal, async () =>
    retention.archive(await retention.archiveDue({ before: now() - periods.ledger, limit: batch })),
  );
  counts.forgotten = await inBatches(signal, async () =>
    retention.forget(
      await retention.forgetDue({ before: now() - Math.max(periods.ledger, periods.audit), limit: batch }),
      now(),
    ),
  );
  await ledger.skipped.removeBefore(now() - skippedForMs);
  if (counts.bytes + counts.archived + counts.forgotten > 0)
    log.info(
      { count: counts.bytes },
      `retention: bytes of ${String(counts.bytes)} messages removed, ${String(counts.archived)} archived, ${String(counts.forgotten)} forgotten`,
    );
}

/**
 * The event first and the bytes after it: a crash in between leaves bytes that no message refers to, which the next
 * start removes; the other way round it would leave a message whose bytes are missing.
 */
async function removeBytes(context: RetentionContext, id: string): Promise<void> {
  const message = await record(context, id, (current) =>
    mayRemove(current) ? [{ type: 'bytes-removed', place: messageState(current) }] : [],
  );
  if (!message.bytesRemoved) return;
  for (const key of custodyKeys(message)) await context.custody.remove(key);
}

function mayRemove(message: Message): boolean {
  return isSettled(message) && !message.legalHold && !message.bytesRemoved;
}

function custodyKeys({ attachments }: Message): readonly string[] {
  return attachments.flatMap(({ custodyKey, scan }) => [
    custodyKey,
    ...(scan.sanitized === null ? [] : [scan.sanitized.custodyKey]),
  ]);
}

/** Until a batch is not full; what cannot be taken although it is due must not be asked for without end. */
async function inBatches(signal: AbortSignal, take: () => Promise<readonly string[]>): Promise<number> {
  const seen = new Set<string>();
  for (;;) {
    signal.throwIfAborted();
    const ids = await take();
    const fresh = ids.filter((id) => !seen.has(id));
    for (const id of fresh) seen.add(id);
    if (fresh.length < batch) return seen.size;
  }
}
