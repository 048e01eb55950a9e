import { advanceMessage } from '../../domain/advance-message';
import type { Attachment, Message } from '../../domain/message';
import type { MessageEvent } from '../../domain/message-event';
import type { Obligation } from '../../domain/obligation';
import { toldAttachments, toldObligations } from './told-parts';

/**
 * The message that its events lead to, from the first on. What no event tells is taken from the stored message: who sent
 * it, its files, the first group ids, and what was owed at first. Of what a replay by a person put something else in the
 * place of, and of what retention took away with the parts of an archived message, it is taken from what the events say of
 * it: that is enough to go through them. Pure.
 * @throws IllegalTransitionError where an event cannot have happened
 */
export function replayHistory(stored: Message, events: readonly MessageEvent[]): Message {
  return events.reduce((message, event) => advanceMessage(message, event).message, beginning(stored, events));
}

function beginning(stored: Message, events: readonly MessageEvent[]): Message {
  const taken = events.find((event) => event.type === 'taken');
  const isArchived = stored.obligations.length === 0;
  const attachments = isArchived ? toldAttachments(events) : stored.attachments;
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
    attachments: attachments.map(unscanned),
    obligations: isArchived ? toldObligations(attachments, events) : owedAtFirst(stored, events),
    deliveries: [],
  };
}

/** A replay leaves what is delivered or in quarantine, and puts new obligations in the place of the others. */
function owedAtFirst(stored: Message, events: readonly MessageEvent[]): readonly Obligation[] {
  const replays = events.filter((event) => event.type === 'replayed');
  const fresh = new Set(replays.flatMap(({ obligations }) => obligations.map(({ id }) => id)));
  const kept = stored.obligations
    .filter(({ id }) => !fresh.has(id))
    .map((one): Obligation => ({ ...one, place: 'custody', reasons: [], deliveryId: null }));
  if (replays.length === 0) return kept;
  const known = new Set(kept.map(({ id }) => id));
  const replaced = toldObligations(stored.attachments, events, { quarantined: 'left out' });
  return [...kept, ...replaced.filter(({ id }) => !known.has(id))];
}

function unscanned(attachment: Attachment): Attachment {
  const { uploadName, groupId } = attachment.scan;
  const scan = { fileId: null, uploaded: null, evidence: null, sanitized: null, disposed: false };
  return { ...attachment, scan: { groupId, uploadName, ...scan } };
}
