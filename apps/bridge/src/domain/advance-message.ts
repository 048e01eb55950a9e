import { applyDecision } from './apply-decision';
import type { Delivery } from './delivery';
import type { Attachment, Message, ScanRecord } from './message';
import { isSettled } from './message';
import type { Effect, MessageEvent } from './message-event';
import type { ObligationEvent } from './obligation';
import { advanceObligation, IllegalTransitionError } from './obligation';
import { applyEnforced, applyReplay, applyRestore } from './start-again';

export interface Transition {
  readonly message: Message;
  readonly effects: readonly Effect[];
}

/** The message after `event`, and the work that follows from it. Pure. @throws IllegalTransitionError */
export function advanceMessage(before: Message, event: MessageEvent): Transition {
  const message = { ...apply(before, event), revision: before.revision + 1 };
  const effects = followUps(message, event);
  // What was held as unknown may turn out delivered long after the message was settled.
  const settledNow = isSettled(message) && (!isSettled(before) || event.type === 'delivered');
  return { message, effects: settledNow ? [...effects, ...disposals(message)] : effects };
}

function apply(message: Message, event: MessageEvent): Message {
  switch (event.type) {
    case 'taken':
    case 'acknowledge-failed':
    case 'search-ended':
      return message;
    case 'refused':
      return moveAll(message, { type: 'held', reasons: event.reasons });
    case 'observed':
      return applyDecision(message, { ...event, deliveries: [] });
    case 'enforced':
      return applyEnforced(message, event.groupIds);
    case 'replayed':
      return applyReplay(message, event);
    case 'restored':
      return applyRestore(message, event.reasons);
    case 'legal-hold':
      return { ...message, legalHold: event.on };
    case 'bytes-removed':
      if (message.legalHold || !isSettled(message))
        throw new IllegalTransitionError(`the bytes of message ${message.id} are still needed`);
      return { ...message, bytesRemoved: true };
    case 'acknowledged':
      return { ...message, acknowledged: true };
    case 'resent':
      // The new copy is not acknowledged yet: else a second look at it would count it once more. Its time, since
      // whoever marks the id read must be able to tell that copy from one not seen yet.
      return {
        ...message,
        acknowledged: false,
        // The copy that is in custody, marked unread by somebody, is no other one.
        resends:
          event.gatewayTime !== null && event.gatewayTime === message.gatewayTime
            ? message.resends
            : message.resends + 1,
        gatewayTime: event.gatewayTime ?? message.gatewayTime,
      };
    case 'scan-opened':
      return scanned(message, event.attachmentId, { groupId: event.groupId, fileId: null, uploaded: null });
    case 'file-opened':
      return scanned(message, event.attachmentId, { fileId: event.fileId });
    case 'uploaded':
      return scanned(message, event.attachmentId, { uploaded: event.bytes });
    case 'weighed':
      return scanned(message, event.attachmentId, { evidence: event.evidence, sanitized: event.sanitized });
    case 'decided':
      return applyDecision(message, event);
    case 'intended':
      return delivery(message, event.deliveryId, ['due', 'intended', 'unknown'], {
        state: 'intended',
        intendedAt: event.at,
        sendBy: event.sendBy,
        remoteId: event.remoteId ?? null,
      });
    case 'send-ended':
      return delivery(message, event.deliveryId, ['intended'], { sendBy: event.at });
    case 'submitted':
      return delivery(message, event.deliveryId, ['intended', 'unknown'], {
        state: 'submitted',
        remoteId: event.remoteId,
      });
    case 'staged':
      return delivery(message, event.deliveryId, ['due', 'staged', 'unknown'], stagedAs(message, event));
    case 'withdrawn':
      return delivery(message, event.deliveryId, ['intended', 'staged'], { state: 'due', remoteId: null });
    case 'withheld':
      return settle(
        delivery(message, event.deliveryId, ['due', 'staged'], {}),
        event.deliveryId,
        { state: 'due', remoteId: null },
        { type: 'held', reasons: event.reasons },
      );
    case 'delivered':
      return settle(
        message,
        event.deliveryId,
        { state: 'delivered', proof: event.proof },
        { type: 'delivered' },
      );
    case 'delivery-failed':
      return settle(message, event.deliveryId, { state: 'failed' }, { type: 'dead', reasons: event.reasons });
    case 'delivery-unknown':
      return settle(
        message,
        event.deliveryId,
        { state: 'unknown' },
        { type: 'held', reasons: event.reasons },
      );
    case 'given-up':
      return moveAll(message, { type: event.to === 'held' ? 'held' : 'dead', reasons: event.reasons });
    case 'disposed':
      return scanned(message, event.attachmentId, { disposed: true });
  }
}

function followUps(message: Message, event: MessageEvent): Effect[] {
  switch (event.type) {
    case 'taken':
    case 'enforced':
      return [...acknowledgement(message), ...scansOf(message)];
    case 'replayed':
      return scansOf(message);
    case 'refused':
    case 'resent':
      return acknowledgement(message);
    case 'delivery-unknown':
      return [{ kind: 'reconcile', subject: event.deliveryId }];
    case 'restored':
      return message.deliveries
        .filter(({ state }) => state === 'unknown')
        .map(({ id }): Effect => ({ kind: 'reconcile', subject: id }));
    case 'weighed':
      return message.attachments.every(({ scan }) => scan.evidence !== null)
        ? [{ kind: 'decide', subject: message.id }]
        : [];
    case 'decided':
      return event.deliveries.map(({ id }): Effect => ({ kind: 'deliver', subject: id }));
    case 'submitted':
      return [{ kind: 'confirm', subject: event.deliveryId }];
    default:
      return [];
  }
}

/** In mode observe somebody else reads the inbox: the flag is theirs. */
const acknowledgement = ({ id, mode }: Message): Effect[] =>
  mode === 'observe' ? [] : [{ kind: 'acknowledge', subject: id }];

/** Of what is owed and not weighed yet. */
const scansOf = ({ attachments, obligations }: Message): Effect[] =>
  attachments
    .filter(
      ({ id, scan }) =>
        scan.evidence === null &&
        obligations.some(({ attachmentId, place }) => attachmentId === id && place === 'custody'),
    )
    .map(({ id }) => ({ kind: 'scan', subject: id }));

/**
 * The scanner's copies are deleted after the outcome, but never those of a held or quarantined file: people need them.
 * What was only observed has reasons exactly where it would have been held or quarantined.
 */
function disposals(message: Message): Effect[] {
  const kept = new Set(
    message.obligations
      .filter(
        ({ place, reasons }) => place !== 'delivered' && !(place === 'observed' && reasons.length === 0),
      )
      .map(({ attachmentId }) => attachmentId),
  );
  return message.attachments
    .filter(({ id, scan }) => scan.fileId !== null && !scan.disposed && !kept.has(id))
    .map(({ id }): Effect => ({ kind: 'dispose', subject: id }));
}

function scanned(message: Message, attachmentId: string, change: Partial<ScanRecord>): Message {
  const known = message.attachments.some(({ id }) => id === attachmentId);
  if (!known) throw new IllegalTransitionError(`message ${message.id} has no attachment ${attachmentId}`);
  const attachments = message.attachments.map((attachment): Attachment =>
    attachment.id === attachmentId ? { ...attachment, scan: { ...attachment.scan, ...change } } : attachment,
  );
  return { ...message, attachments };
}

function delivery(
  message: Message,
  id: string,
  from: readonly Delivery['state'][],
  change: Partial<Delivery>,
): Message {
  const current = message.deliveries.find((candidate) => candidate.id === id);
  if (current === undefined) throw new IllegalTransitionError(`message ${message.id} has no delivery ${id}`);
  if (!from.includes(current.state)) {
    throw new IllegalTransitionError(
      `delivery ${id} is ${current.state}: it cannot become ${change.state ?? '?'}`,
    );
  }
  const deliveries = message.deliveries.map((candidate) =>
    candidate.id === id ? { ...candidate, ...change } : candidate,
  );
  return { ...message, deliveries };
}

/**
 * One that is searched for may get another name, since somebody else took the first: its fate stays unknown until it has
 * appeared, so that nobody sends it again meanwhile. Of an earlier intent, to a destination of another kind, nothing is kept.
 */
function stagedAs(
  { deliveries }: Message,
  { deliveryId, remoteId }: Extract<MessageEvent, { type: 'staged' }>,
): Partial<Delivery> {
  const isSearchedFor = deliveries.some(({ id, state }) => id === deliveryId && state === 'unknown');
  return isSearchedFor ? { remoteId } : { state: 'staged', remoteId, intendedAt: null, sendBy: null };
}

const unsettled = ['due', 'intended', 'submitted', 'staged', 'unknown'] as const;

function settle(message: Message, id: string, change: Partial<Delivery>, event: ObligationEvent): Message {
  const next = delivery(message, id, unsettled, change);
  const obligations = next.obligations.map((obligation) =>
    // One that is held already stays so, for the reason that it has.
    obligation.deliveryId === id && !(event.type === 'held' && obligation.place === 'held')
      ? advanceObligation(obligation, event)
      : obligation,
  );
  return { ...next, obligations };
}

/**
 * Moves what is still in custody; what already reached its place stays there. In mode observe nothing is owed by us,
 * so nothing waits for our people.
 */
function moveAll(message: Message, wanted: Extract<ObligationEvent, { reasons: unknown }>): Message {
  const event = message.mode === 'observe' ? ({ ...wanted, type: 'observed' } as const) : wanted;
  const obligations = message.obligations.map((obligation) =>
    obligation.place === 'custody' ? advanceObligation(obligation, event) : obligation,
  );
  return { ...message, obligations };
}
