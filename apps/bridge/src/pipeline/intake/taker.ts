import type { InboxMessage } from '@mft-bridge/as2-gateway-client';
import { isNotFoundError } from '@mft-bridge/http-transport';
import { CustodyPauseError, CustodyUnavailableError } from '../../custody/custody';
import type { Message } from '../../domain/message';
import { newMessage } from '../../domain/new-message';
import type { Reason } from '../../domain/reason';
import { reason } from '../../domain/reason';
import type { Route } from '../../domain/route';
import { findRoute } from '../../domain/route';
import { LedgerUnavailableError } from '../../ledger/ledger-unavailable-error';
import { publishStep } from '../../telemetry/steps';
import type { PipelineContext } from '../context';
import type { Fetched } from '../fetch';
import { CannotTakeError, contentDigest, discard, fetchAttachments } from '../fetch';
import { describeConflict, isObservedAndGone, isSameCopy } from './copies';
import { isAboutGateway, noteIntakeFailure } from './note-failure';
import type { IntakePressure } from './pressure';
import { recognizeCopy } from './recognize-copy';
import { readRestoredAt } from './restored-at';
import { servesStation } from './serves-station';
import type { SkippedIds } from './skipped-ids';
import type { Turn } from './turns';
import { logEvent } from '../record';

/** The gateway's clock and ours differ: what looks a little younger than a restore may have been taken before it. */
const restoreToleranceMs = 600_000;

/**
 * - `taken`: into custody, or recognized as another copy of what is there
 * - `known`: in custody already, or none of ours
 * - `unread`: found by the sweep, and the poll's to take
 * - `failed`: noted, tried again later
 * - `waits`: noted earlier, and its next try is not due
 * - `gone`: no longer at the gateway
 * - `busy`: somebody takes it at this moment
 */
export type TakeOutcome = 'taken' | 'known' | 'unread' | 'failed' | 'waits' | 'gone' | 'busy';

export interface TakeResult {
  readonly outcome: TakeOutcome;
  /** When the gateway received it, epoch ms; null where that was not learned. */
  readonly time: number | null;
}

export interface TakeRequest {
  /** `poll`: stood in the list of unread messages. `sweep`: read or not. `retry`: could not be taken before. */
  readonly source: 'poll' | 'sweep' | 'retry';
  readonly turn?: Turn;
  readonly signal: AbortSignal;
}

/** Takes one message, whoever found it. */
export interface Taker {
  /** @throws CustodyPauseError, and errors that are about the gateway as a whole; all others are noted */
  take(id: string, request: TakeRequest): Promise<TakeResult>;
}

/** The sweep asks last of all: after mark read (3), submit (2), confirm (1) and the poll (0). */
export const sweepPriority = -1;

const priorityOf = (source: TakeRequest['source']): number => (source === 'poll' ? 0 : sweepPriority);

export function createTaker(context: PipelineContext, skipped: SkippedIds, pressure: IntakePressure): Taker {
  const { ledger, gateway, settings, log, now } = context;
  /** The poll and the sweep may find the same message: the second must see what the first wrote. */
  const inHand = new Set<string>();

  async function takeOrNote(id: string, request: TakeRequest): Promise<TakeResult> {
    const earlier = await ledger.intakeFailures.find(id);
    if (earlier !== undefined && earlier.nextAt > now()) return { outcome: 'waits', time: null };
    try {
      const result = await take(id, request);
      // The poll's to take, so its failure stands until the poll took it.
      if (earlier !== undefined && result.outcome !== 'unread') await ledger.intakeFailures.clear(id);
      return result;
    } catch (error) {
      if (request.signal.aborted || isAboutGateway(error)) throw error;
      // The poll waits for room. A sweep goes on with what fits, as long as there is any room at all.
      if (error instanceof CustodyUnavailableError) throw error;
      const isFull = error instanceof CustodyPauseError;
      if (isFull && (request.source === 'poll' || (await context.custody.room()) <= 0)) throw error;
      // Deleted between two calls of a sweep: nothing that anybody could miss here.
      if (request.source === 'sweep' && earlier === undefined && isGone(error))
        return { outcome: 'gone', time: null };
      await noteIntakeFailure(context, { id, error, earlier });
      return { outcome: 'failed', time: null };
    }
  }

  async function take(id: string, { source, turn, signal }: TakeRequest): Promise<TakeResult> {
    const everKnown = await ledger.messages.findByGatewayId(id);
    const priority = priorityOf(source);
    const copy = await gateway.inbox.get(id, { markAsRead: false, signal, priority });
    const time = copy.timestamp ?? null;
    if (!settings.stations.includes(copy.station)) {
      throw new CannotTakeError(
        `it is a message of station "${copy.station}", which is none of gateway.stations: a partner used the id at that station too, or the gateway lists more than was asked for`,
      );
    }
    // One of another bridge's stations, met by a later try: its bridge takes it.
    if (!servesStation(context, copy.station)) return { outcome: 'unread', time };
    if (time !== null && time < settings.startFrom) {
      await skipped.add(id, time);
      return { outcome: 'known', time };
    }
    const route = findRoute(context.routes, copy.station, copy.partner);
    turn?.standIn(route?.inOrder === true ? JSON.stringify([copy.station, copy.partner]) : null);
    const known =
      settings.mode === 'enforce' ? everKnown.filter((message) => !isObservedAndGone(message)) : everKnown;
    const restoredAt = await readRestoredAt(ledger);
    const isBeforeRestore = restoredAt !== null && (time === null || time < restoredAt + restoreToleranceMs);

    const facts = { known, isBeforeRestore, isListedUnread: source === 'poll' };
    const same = known.find((candidate) => isSameCopy(candidate, copy));
    if (same !== undefined) {
      await recognizeCopy(context, same, copy, facts);
      return { outcome: 'known', time };
    }
    if (settings.mode === 'enforce' && isThePolls(source, copy)) return { outcome: 'unread', time };

    publishStep({ stage: 'fetch', point: 'begin', subject: id });
    const fetched = await fetchAttachments(context, copy, { signal, priority });
    publishStep({ stage: 'fetch', point: 'deposited', subject: id });
    const digest = contentDigest(fetched);
    const twin = known.find(
      ({ station, partner, contentDigest: other }) =>
        station === copy.station && partner === copy.partner && other === digest,
    );
    if (twin !== undefined) {
      await discard(context.custody, fetched);
      await recognizeCopy(context, twin, copy, facts);
      return { outcome: 'taken', time };
    }
    await turn?.come();
    await takeIntoCustody(copy, fetched, {
      digest,
      known,
      route,
      reasons: reasonsAgainst(source, copy, { route, isBeforeRestore }),
    });
    return { outcome: 'taken', time };
  }

  /** Why it must not go its way by itself. In mode observe messages are read by others: nothing to be said. */
  function reasonsAgainst(
    source: TakeRequest['source'],
    copy: InboxMessage,
    { route, isBeforeRestore }: { route: Route | null; isBeforeRestore: boolean },
  ): Reason[] {
    if (settings.mode === 'observe') return [];
    // Read, perhaps, by ourselves: the ledger would not know.
    if (isBeforeRestore) return [reason('after-restore')];
    const isUnread = source === 'poll' && copy.read !== true;
    return isUnread || route?.readElsewhere === 'take' ? [] : [reason('read-elsewhere')];
  }

  async function takeIntoCustody(
    { id, station, partner, subject, timestamp }: InboxMessage,
    fetched: readonly Fetched[],
    facts: {
      readonly digest: string;
      readonly known: readonly Message[];
      readonly route: Route | null;
      readonly reasons: readonly Reason[];
    },
  ): Promise<void> {
    const { route } = facts;
    const destinations = (route?.destinations ?? []).flatMap((name) => context.destinations.get(name) ?? []);
    const { message, events, effects } = newMessage({
      station,
      partner,
      gatewayId: id,
      subject: subject ?? null,
      gatewayTime: timestamp ?? null,
      takenAt: now(),
      attachments: fetched.map(({ key, ...rest }) => ({ ...rest, custodyKey: key })),
      contentDigest: facts.digest,
      route,
      destinations,
      conflict: describeConflict(facts.known, { station, partner }),
      mode: settings.mode,
      reasons: facts.reasons,
      newId: context.newId,
    });
    publishStep({ stage: 'intake', point: 'before:taken', subject: id });
    try {
      await ledger.commit({ after: message, events, next: effects, at: now() });
    } catch (error) {
      if (isSurelyNotWritten(error) && !(await mayBeThere(message.id)))
        await discard(context.custody, fetched);
      throw error;
    }
    publishStep({ stage: 'intake', point: 'after:taken', subject: id });
    pressure.took(fetched.reduce((sum, { size }) => sum + size, 0));
    context.metrics.transition(null, message);
    for (const event of events) logEvent(log, message, event);
    context.wake();
  }

  /** Asked once more, since the bytes of a message that is there must not go, whatever a commit was said to have ended with. */
  function mayBeThere(id: string): Promise<boolean> {
    return ledger.messages.load(id).then(
      (found) => found !== undefined,
      () => true,
    );
  }

  return {
    async take(id, request) {
      if (inHand.has(id)) {
        request.turn?.end();
        return { outcome: 'busy', time: null };
      }
      inHand.add(id);
      try {
        return await takeOrNote(id, request);
      } finally {
        inHand.delete(id);
        request.turn?.end();
      }
    },
  };
}

/**
 * Unread, and found by somebody else than the poll. A gateway that does not say whether it is read leaves that to the
 * lists: the sweep asks for what did not stand in the list of unread messages.
 */
function isThePolls(source: TakeRequest['source'], { read }: InboxMessage): boolean {
  return source !== 'poll' && (read === false || (source === 'retry' && read === undefined));
}

function isGone(error: unknown): boolean {
  return isNotFoundError(error) && error.operation === 'inbox.get';
}

/**
 * Whether bytes may be thrown away after a commit that failed: else a full disk would be filled further by each try.
 * After other faults of the disk a commit may turn out to be there at the next start; then the bytes must be there, too.
 */
function isSurelyNotWritten(error: unknown): boolean {
  return !(error instanceof LedgerUnavailableError) || error.code === 'SQLITE_FULL';
}
