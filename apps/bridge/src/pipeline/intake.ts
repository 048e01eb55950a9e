import type { InboxMessage } from '@mft-bridge/as2-gateway-client';
import { isMftBridgeError } from '@mft-bridge/http-transport';
import { CustodyFullError } from '../custody/custody';
import type { Message } from '../domain/message';
import { newMessage } from '../domain/new-message';
import { findRoute } from '../domain/route';
import { LedgerUnavailableError } from '../ledger/ledger-unavailable-error';
import { publishStep } from '../telemetry/steps';
import { waitByTries } from './backoff';
import type { PipelineContext } from './context';
import { classifyFailure } from './failure';
import type { Fetched } from './fetch';
import { contentDigest, discard, fetchAttachments } from './fetch';
import { logEvent, record } from './record';

const pageLength = 100;
/** The pace at which a message that could not be taken so often is tried again: it may be mended at the gateway. */
const exhaustedMs = 3_600_000;

export interface Intake {
  /** One round over all stations. @returns whether another round may find more at once */
  poll(signal: AbortSignal): Promise<{ more: boolean }>;
}

/**
 * Takes unread messages into custody, oldest first. A message is marked read only after bytes and row are durable,
 * so each round starts at offset 0 again and walks further pages only while a page holds nothing but known ids.
 */
export function createIntake(context: PipelineContext): Intake {
  const { ledger, gateway, activity, settings, log, now } = context;
  /** Ids whose message is older than `startFrom`: not ours, and not worth asking for again in this process. */
  const beforeStart = new Set<string>();
  /** A deposit of this round found the disk full: no other is begun in it. */
  let full = false;
  const ranFull = (): boolean => full;

  async function poll(signal: AbortSignal): Promise<{ more: boolean }> {
    const wasFull = full;
    full = false;
    const reason = await pauseReason();
    if (reason !== null) {
      activity.pauseIntake(reason);
      return { more: false };
    }
    // After a deposit that did not fit intake counts as paused until a round has shown that all fits: not red and green by turns.
    if (!wasFull) activity.resumeIntake();
    let more = false;
    for (const station of settings.stations) more = (await pollStation(station, signal)) || more;
    if (!ranFull()) activity.resumeIntake();
    activity.serviceUp('gateway');
    return { more };
  }

  async function pollStation(station: string, signal: AbortSignal): Promise<boolean> {
    for (let page = 0; ; page += 1) {
      const { ids } = await gateway.inbox.list(
        { station, page, pageLength, sort: 'asc', unreadOnly: true },
        { signal },
      );
      let taken = 0;
      const unique = [...new Set(ids)].filter((id) => !beforeStart.has(id));
      await inParallel(unique, settings.intakeConcurrency, async (id) => {
        signal.throwIfAborted();
        if (ranFull()) return;
        if (await takeOrNote(id, signal)) taken += 1;
      });
      if (ranFull()) return false;
      if (taken > 0) return ids.length === pageLength;
      if (ids.length < pageLength) return false;
    }
  }

  /** One message never stops the rest: what cannot be taken is noted, tried again later, and shown to people. */
  async function takeOrNote(id: string, signal: AbortSignal): Promise<boolean> {
    const earlier = await ledger.intakeFailures.find(id);
    if (earlier !== undefined && earlier.nextAt > now()) return false;
    try {
      const taken = await take(id, signal);
      if (earlier !== undefined) await ledger.intakeFailures.clear(id);
      return taken;
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof CustodyFullError) {
        full = true;
        activity.pauseIntake(`disk full: ${error.message}`);
        log.error({ gatewayMessageId: id }, `intake paused: ${error.message}`);
        return false;
      }
      const failure = classifyFailure(error);
      // The API is away, so there is nothing to learn about this message. The addresses of files are another host's.
      if (failure.unreachable && !isDownloadError(error)) throw error;
      const tries = (earlier?.tries ?? 0) + 1;
      const pace = waitByTries(tries - 1, settings.retry, context.random());
      const delay = failure.retryAfterMs ?? (tries < settings.intakeTries ? pace : exhaustedMs);
      await ledger.intakeFailures.record(id, failure.why, now(), now() + delay);
      log.warn({ gatewayMessageId: id, why: failure.why }, 'intake-failed');
      return false;
    }
  }

  async function take(id: string, signal: AbortSignal): Promise<boolean> {
    const known = await ledger.messages.findByGatewayId(id);
    const message = await gateway.inbox.get(id, { markAsRead: false, signal });
    if (message.timestamp !== undefined && message.timestamp < settings.startFrom) {
      beforeStart.add(id);
      return false;
    }
    const same = known.find((candidate) => isSameCopy(candidate, message));
    if (same !== undefined) {
      // In custody already. Its acknowledgement is due, or was made since the list was read, or was undone by somebody:
      // only then is it made again.
      if (same.acknowledged && message.read !== true) await acknowledgeAgain(same, message);
      return false;
    }
    publishStep({ stage: 'fetch', point: 'begin', subject: id });
    const fetched = await fetchAttachments(context, message, signal);
    publishStep({ stage: 'fetch', point: 'deposited', subject: id });
    const digest = contentDigest(fetched);
    const twin = known.find(
      ({ station, partner, contentDigest: other }) =>
        station === message.station && partner === message.partner && other === digest,
    );
    if (twin !== undefined) {
      await discard(context.custody, fetched);
      await acknowledgeAgain(twin, message);
      return true;
    }
    await takeIntoCustody(message, fetched, digest, known);
    return true;
  }

  async function acknowledgeAgain(message: Message, copy: InboxMessage): Promise<void> {
    await record(context, message.id, () => [{ type: 'resent', gatewayTime: copy.timestamp ?? null }]);
  }

  async function takeIntoCustody(
    { id, station, partner, subject, timestamp }: InboxMessage,
    fetched: readonly Fetched[],
    digest: string,
    known: readonly Message[],
  ): Promise<void> {
    const route = findRoute(context.routes, station, partner);
    const destinations = (route?.destinations ?? []).flatMap((name) => context.destinations.get(name) ?? []);
    const { message, events, effects } = newMessage({
      station,
      partner,
      gatewayId: id,
      subject: subject ?? null,
      gatewayTime: timestamp ?? null,
      takenAt: now(),
      attachments: fetched.map(({ key, ...rest }) => ({ ...rest, custodyKey: key })),
      contentDigest: digest,
      route,
      destinations,
      conflict: describeConflict(known, { station, partner }),
      mode: settings.mode,
      newId: context.newId,
    });
    publishStep({ stage: 'intake', point: 'before:taken', subject: id });
    try {
      await ledger.commit({ after: message, events, next: effects, at: now() });
    } catch (error) {
      if (isSurelyNotWritten(error)) await discard(context.custody, fetched);
      throw error;
    }
    publishStep({ stage: 'intake', point: 'after:taken', subject: id });
    context.metrics.transition(null, message);
    for (const event of events) logEvent(log, message, event);
    context.wake();
  }

  /** Why nothing may be taken now: the disk is at its reserve, or too much is in work. Null where it may. */
  async function pauseReason(): Promise<string | null> {
    if ((await context.custody.room()) <= 0) {
      return 'disk full: the custody directory is at its reserve (custody.minFreeBytes); free some space and intake goes on by itself';
    }
    const counts = await ledger.messages.countByState();
    const inWork = (counts['scanning'] ?? 0) + (counts['deciding'] ?? 0) + (counts['delivering'] ?? 0);
    return inWork >= settings.highWaterMessages
      ? `${String(inWork)} messages are in work (intake.highWater.messages is ${String(settings.highWaterMessages)})`
      : null;
  }

  return { poll };
}

/** The very copy that is in custody: same station, partner and time of receipt. */
export function isSameCopy(message: Message, copy: InboxMessage): boolean {
  return (
    message.station === copy.station &&
    message.partner === copy.partner &&
    copy.timestamp !== undefined &&
    message.gatewayTime === copy.timestamp
  );
}

/** What differs from the messages that came under this id before; null where there are none. Pure. */
export function describeConflict(
  known: readonly Message[],
  copy: { readonly station: string; readonly partner: string },
): string | null {
  const first = known[0];
  if (first === undefined) return null;
  const samePartner = known.some(
    ({ station, partner }) => station === copy.station && partner === copy.partner,
  );
  return samePartner ? `other content than message ${first.id}` : `another partner than message ${first.id}`;
}

function isDownloadError(error: unknown): boolean {
  return isMftBridgeError(error) && error.operation === 'inbox.openAttachment';
}

/**
 * Whether bytes may be thrown away after a commit that failed: else a full disk would be filled further by each try.
 * After other faults of the disk a commit may turn out to be there at the next start; then the bytes must be there, too.
 */
function isSurelyNotWritten(error: unknown): boolean {
  return !(error instanceof LedgerUnavailableError) || error.code === 'SQLITE_FULL';
}

/** After one that fails no other begins; when it rejects, all have ended: what runs on would meet itself in the next round. */
async function inParallel<T>(
  items: readonly T[],
  width: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  const failed: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (const item of queue) {
      if (failed.length > 0) return;
      await run(item).catch((error: unknown) => failed.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  if (failed.length > 0) throw failed[0];
}
