import { advanceMessage } from '../../domain/advance-message';
import type { Attachment, Message } from '../../domain/message';
import type { MessageEvent } from '../../domain/message-event';

/**
 * The message that its events lead to. What no event tells is taken from the stored message: who sent it, its files, the
 * first group ids, and what was owed at first. After a replay by a person, which puts new obligations in the place of
 * old ones, the history is gone through from there on. Pure.
 * @throws IllegalTransitionError where an event cannot have happened
 */
export function replayHistory(stored: Message, events: readonly MessageEvent[]): Message {
  const restart = events.findLastIndex(({ type }) => type === 'replayed');
  return restart < 0
    ? fold(beginning(stored, events), events)
    : fold(resumed(stored, events, restart), laterEvents(stored, events, restart));
}

function fold(start: Message, events: readonly MessageEvent[]): Message {
  return events.reduce((message, event) => advanceMessage(message, event).message, start);
}

function beginning(stored: Message, events: readonly MessageEvent[]): Message {
  const taken = events.find((event) => event.type === 'taken');
  return {
    ...stored,
    route: taken === undefined ? stored.route : taken.route,
    acknowledged: false,
    resends: 0,
    // Not told by any event where a copy came later. The time of the first copy decides whether the next one counts, so
    // the count may be one too many.
    gatewayTime: events.some((event) => event.type === 'resent' && event.gatewayTime !== null)
      ? null
      : stored.gatewayTime,
    policyVersion: null,
    mode: events.some(({ type }) => type === 'enforced') ? 'observe' : stored.mode,
    legalHold: false,
    bytesRemoved: false,
    attachments: stored.attachments.map((attachment) => unscanned(attachment, attachment.scan.groupId)),
    obligations: stored.obligations.map((obligation) => ({
      ...obligation,
      place: 'custody',
      reasons: [],
      deliveryId: null,
    })),
    deliveries: [],
  };
}

/** As it was right after the replay at `index`. */
function resumed(stored: Message, events: readonly MessageEvent[], index: number): Message {
  const replay = events[index];
  if (replay?.type !== 'replayed') return stored;
  const fresh = new Set(replay.obligations.map(({ id }) => id));
  const owed = new Set(replay.obligations.map(({ attachmentId }) => attachmentId));
  const later = decidedLater(events, index);
  const before = events.slice(0, index);
  // What is told by events that need no obligation.
  const flags = fold(
    beginning(stored, events),
    before.filter(({ type }) => ['acknowledged', 'resent', 'legal-hold'].includes(type)),
  );
  return {
    ...flags,
    route: replay.route,
    mode: stored.mode,
    policyVersion: before.reduce<string | null>(
      (is, event) => (event.type === 'decided' || event.type === 'observed' ? event.policyVersion : is),
      null,
    ),
    attachments: stored.attachments.map((attachment) =>
      owed.has(attachment.id) ? unscanned(attachment, replay.groupIds[attachment.id] ?? null) : attachment,
    ),
    obligations: [...stored.obligations.filter(({ id }) => !fresh.has(id)), ...replay.obligations],
    deliveries: stored.deliveries.filter(({ id }) => !later.has(id)),
  };
}

/** Without those about deliveries from before the replay: how those ended is in the stored message already. */
function laterEvents(
  stored: Message,
  events: readonly MessageEvent[],
  index: number,
): readonly MessageEvent[] {
  const later = decidedLater(events, index);
  const early = new Set(stored.deliveries.map(({ id }) => id).filter((id) => !later.has(id)));
  return events.slice(index + 1).filter((event) => !('deliveryId' in event && early.has(event.deliveryId)));
}

function decidedLater(events: readonly MessageEvent[], index: number): ReadonlySet<string> {
  return new Set(
    events
      .slice(index + 1)
      .flatMap((event) => (event.type === 'decided' ? event.deliveries.map(({ id }) => id) : [])),
  );
}

function unscanned(attachment: Attachment, groupId: string | null): Attachment {
  const { uploadName } = attachment.scan;
  return {
    ...attachment,
    scan: {
      groupId,
      uploadName,
      fileId: null,
      uploaded: null,
      evidence: null,
      sanitized: null,
      disposed: false,
    },
  };
}
