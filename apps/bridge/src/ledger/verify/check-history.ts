import { isDeepStrictEqual } from 'node:util';
import type { Message } from '../../domain/message';
import { isSettled } from '../../domain/message';
import type { MessageEvent } from '../../domain/message-event';
import { replayHistory, replayWhole } from './replay-history';
import { withToldParts } from './told-parts';

/** What does not hold between a message and its events. Pure. */
export function checkHistory(message: Message, events: readonly MessageEvent[]): string[] {
  const replayed = replay(message, events, replayHistory);
  return typeof replayed === 'string' ? [replayed] : compare(replayed, message);
}

/**
 * The same of a message whose parts retention took away: its events must tell that it was settled, and that its bytes were
 * removed, before anybody might. Else whoever deletes the parts and writes "archived" would be believed. Pure.
 */
export function checkArchived(message: Message, events: readonly MessageEvent[]): string[] {
  const replayed = replay(withToldParts(message, events), events, replayWhole);
  if (typeof replayed === 'string') return [replayed];
  const { attachments, obligations, deliveries } = replayed;
  const problems = compare(replayed, { ...message, attachments, obligations, deliveries });
  if (!isSettled(replayed)) problems.push('it is archived, and by its events it is still owed');
  if (!replayed.bytesRemoved) problems.push('it is archived, and no event tells that its bytes were removed');
  return problems;
}

/** The message that the events lead to, or why there is none. */
function replay(
  message: Message,
  events: readonly MessageEvent[],
  through: typeof replayHistory,
): Message | string {
  const [taken] = events;
  if (taken?.type !== 'taken') return 'its first event is not that it was taken';
  if (taken.attachments !== message.attachments.length)
    return `it was taken with ${taken.attachments} attachments, ${message.attachments.length} are there`;
  try {
    return through(message, events);
  } catch (error) {
    return `its events cannot have happened in this order: ${(error as Error).message}`;
  }
}

function compare(replayed: Message, message: Message): string[] {
  // Revisions count changes, and one change may hold several events.
  const [told, stored] = [withoutEnds(replayed), withoutEnds(message)];
  const differing = Object.entries(told).flatMap(([field, value]) =>
    field === 'revision' || field === 'resends' || isDeepStrictEqual(value, stored[field as keyof Message])
      ? []
      : [field],
  );
  // Whether the first later copy counts hangs on a time that no event tells.
  const surplus = replayed.resends - message.resends;
  if (surplus !== 0 && surplus !== 1) differing.push('resends');
  return differing.length === 0
    ? []
    : [`its events do not lead to what is stored: ${differing.join(', ')} differ`];
}

/** A start ends all intents of the process before, without an event: nobody can be sending by them any more. */
function withoutEnds(message: Message): Message {
  return { ...message, deliveries: message.deliveries.map((delivery) => ({ ...delivery, sendBy: null })) };
}
