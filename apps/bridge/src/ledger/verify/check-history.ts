import { isDeepStrictEqual } from 'node:util';
import type { Message } from '../../domain/message';
import { isSettled } from '../../domain/message';
import type { MessageEvent } from '../../domain/message-event';
import { replayHistory } from './replay-history';

const noBeginning = 'its first event is not that it was taken';

/** What does not hold between a message and its events. Pure. */
export function checkHistory(message: Message, events: readonly MessageEvent[]): string[] {
  const [taken] = events;
  if (taken?.type !== 'taken') return [noBeginning];
  const { length } = message.attachments;
  if (taken.attachments !== length)
    return [`it was taken with ${taken.attachments} attachments, ${length} are there`];
  const problems = checkOwed(message, events);
  const bytes = message.attachments.reduce((sum, { size }) => sum + size, 0);
  if (taken.bytes !== bytes)
    problems.push(`it was taken with ${taken.bytes} bytes, its attachments have ${bytes}`);
  const replayed = replay(message, events);
  return [...problems, ...(typeof replayed === 'string' ? [replayed] : compare(replayed, message))];
}

/** Each file, or the message itself where it has none, is owed to each destination of its route once. */
function checkOwed({ attachments, obligations }: Message, events: readonly MessageEvent[]): string[] {
  const artefacts = attachments.length === 0 ? [null] : attachments.map(({ id }) => id);
  const owed = new Set(obligations.map(({ attachmentId }) => attachmentId));
  const pairs = new Set(obligations.map(({ attachmentId, destination }) => `${attachmentId} ${destination}`));
  const destinations = new Set(obligations.map(({ destination }) => destination));
  const wanted = artefacts.length * destinations.size;
  const problems = artefacts
    .filter((id) => !owed.has(id))
    .map((id) => `${id === null ? 'it' : `attachment ${id}`} is owed to nobody`);
  if (pairs.size < obligations.length) problems.push('the same is owed to the same destination twice');
  // What a person sends on its way again goes by the route of that time, and what was delivered before does not.
  else if (pairs.size < wanted && !events.some(({ type }) => type === 'replayed'))
    problems.push(`${pairs.size} obligations are there, its files and destinations make ${wanted}`);
  return problems;
}

/**
 * The same of a message whose parts retention took away: its events must tell that it was settled, and that its bytes were
 * removed, before anybody might. Else whoever deletes the parts and writes "archived" would be believed. Pure.
 */
export function checkArchived(message: Message, events: readonly MessageEvent[]): string[] {
  const [taken] = events;
  if (taken?.type !== 'taken') return [noBeginning];
  const replayed = replay(message, events);
  if (typeof replayed === 'string') return [replayed];
  const { attachments, obligations, deliveries } = replayed;
  const problems = compare(replayed, { ...message, attachments, obligations, deliveries });
  if (attachments.length !== taken.attachments)
    problems.push(
      `it was taken with ${taken.attachments} attachments, its events tell of ${attachments.length}`,
    );
  if (message.attachments.length + message.deliveries.length > 0)
    problems.push('nothing is owed for it, and parts of it are there: its obligations were taken away');
  if (!isSettled(replayed)) problems.push('it is archived, and by its events it is still owed');
  if (!replayed.bytesRemoved) problems.push('it is archived, and no event tells that its bytes were removed');
  return problems;
}

/** The message that the events lead to, or why there is none. */
function replay(message: Message, events: readonly MessageEvent[]): Message | string {
  try {
    return replayHistory(message, events);
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
