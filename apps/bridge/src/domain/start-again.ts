import type { Message } from './message';
import type { GroupIds, MessageEvent } from './message-event';
import { advanceObligation, IllegalTransitionError } from './obligation';
import type { Reason } from './reason';

/** States of a delivery in which nobody is owed anything by it any more. */
const final = ['delivered', 'failed'];

/** What was only observed is owed now. Pure. */
export function applyEnforced(message: Message, groupIds: GroupIds): Message {
  if (message.mode !== 'observe')
    throw new IllegalTransitionError(`message ${message.id} is not in mode observe`);
  const obligations = message.obligations.map((obligation) =>
    obligation.place === 'observed' ? advanceObligation(obligation, { type: 'resumed' }) : obligation,
  );
  return scannedAnew({ ...message, mode: 'enforce', obligations }, groupIds);
}

/**
 * A held or dead message goes its way again from a fresh scan: an old clearance is none. What was delivered or is
 * quarantined stays. Pure. @throws IllegalTransitionError where it is still in work
 */
export function applyReplay(message: Message, event: Extract<MessageEvent, { type: 'replayed' }>): Message {
  if (message.bytesRemoved)
    throw new IllegalTransitionError(`the bytes of message ${message.id} are not in custody any more`);
  if (message.obligations.some(({ place }) => place === 'custody' || place === 'observed'))
    throw new IllegalTransitionError(`message ${message.id} is in work`);
  const kept = message.obligations.filter(({ place }) => place === 'delivered' || place === 'quarantined');
  if (kept.length === message.obligations.length)
    throw new IllegalTransitionError(`nothing of message ${message.id} waits for a person`);
  const replayed = { ...message, route: event.route, obligations: [...kept, ...event.obligations] };
  return scannedAnew(replayed, event.groupIds);
}

/**
 * After a restore nobody knows what became of what was not settled when the backup was made: it is held, and what may
 * have been sent is searched for. Pure.
 */
export function applyRestore(message: Message, reasons: readonly Reason[]): Message {
  // In mode observe nothing was sent, and nothing waits for our people.
  const waits = message.mode === 'observe' ? 'observed' : 'held';
  const deliveries = message.deliveries.map((delivery) =>
    final.includes(delivery.state) ? delivery : { ...delivery, state: 'unknown' as const },
  );
  const obligations = message.obligations.map((obligation) =>
    obligation.place === 'custody' ? advanceObligation(obligation, { type: waits, reasons }) : obligation,
  );
  return { ...message, deliveries, obligations };
}

/**
 * The scanner may still hold the file of the earlier scan, and would name a second one of the same name otherwise than we
 * do: its answer would then not be about ours.
 */
function freshName(uploadName: string, groupId: string | null): string {
  const dot = uploadName.indexOf('.');
  return groupId === null ? uploadName : `${groupId}${dot === -1 ? '' : uploadName.slice(dot)}`;
}

/** Evidence of an earlier scan counts no more for what is owed now. */
function scannedAnew(message: Message, groupIds: GroupIds): Message {
  const owed = new Set(
    message.obligations.filter(({ place }) => place === 'custody').map(({ attachmentId }) => attachmentId),
  );
  const attachments = message.attachments.map((attachment) => {
    if (!owed.has(attachment.id)) return attachment;
    const groupId = groupIds[attachment.id] ?? null;
    return {
      ...attachment,
      scan: {
        ...attachment.scan,
        groupId,
        uploadName: freshName(attachment.scan.uploadName, groupId),
        fileId: null,
        uploaded: null,
        evidence: null,
        sanitized: null,
        disposed: false,
      },
    };
  });
  return { ...message, attachments };
}
