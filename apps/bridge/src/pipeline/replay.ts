import { admissionReasons } from '../domain/admission';
import type { Message } from '../domain/message';
import type { MessageEvent } from '../domain/message-event';
import { planObligations } from '../domain/new-message';
import { findRoute } from '../domain/route';
import { CommandRefusedError } from './command-refused-error';
import type { PipelineContext } from './context';

/**
 * What sends a held or dead message on its way again: by the route that fits now, with fresh obligations for what was
 * neither delivered nor quarantined. Reasons that a person has looked at (an id used twice, read elsewhere, after a
 * restore) count no more; those that would still stand in its way do.
 * @throws CommandRefusedError where the state of the message does not allow it
 */
export function replayEvents(
  { routes, destinations, newId }: Pick<PipelineContext, 'routes' | 'destinations' | 'newId'>,
  message: Message,
  { actor, evenIfSent }: { actor: string; evenIfSent: boolean },
): readonly MessageEvent[] {
  refuse(message, evenIfSent);
  const route = findRoute(routes, message.station, message.partner);
  const owed = message.obligations.filter(({ place }) => place === 'held' || place === 'dead-letter');
  const settled = new Set(
    message.obligations
      .filter((obligation) => !owed.includes(obligation))
      .map(({ attachmentId, destination }) => JSON.stringify([attachmentId, destination])),
  );
  const attachments = message.attachments.filter(({ id }) =>
    owed.some(({ attachmentId }) => attachmentId === id),
  );
  const obligations = planObligations(
    attachments.map(({ id }) => id),
    route,
    newId,
  ).filter(({ attachmentId, destination }) => !settled.has(JSON.stringify([attachmentId, destination])));
  const reasons = admissionReasons({
    attachments: message.attachments,
    route,
    destinations: (route?.destinations ?? []).flatMap((name) => destinations.get(name) ?? []),
    conflict: null,
  });
  if (reasons.length > 0)
    throw new CommandRefusedError(`It would be held again: ${reasons.map(({ text }) => text).join(' ')}`);
  if (obligations.length === 0)
    throw new CommandRefusedError('Nothing of it is owed to a destination of its route any more.');
  const groupIds = Object.fromEntries(attachments.map(({ id }) => [id, newId()]));
  return [{ type: 'replayed', actor, route: route?.name ?? null, obligations, groupIds }];
}

function refuse(message: Message, evenIfSent: boolean): void {
  const places = new Set(message.obligations.map(({ place }) => place));
  if (places.has('custody')) throw new CommandRefusedError('It is in work: there is nothing to replay.');
  if (!places.has('held') && !places.has('dead-letter'))
    throw new CommandRefusedError('Nothing of it is held or a dead letter.');
  if (message.bytesRemoved)
    throw new CommandRefusedError('Its bytes are no longer in custody: ask the partner to send it again.');
  const waiting = new Set(
    message.obligations.flatMap(({ place, deliveryId }) => (place === 'held' ? (deliveryId ?? []) : [])),
  );
  const unknown = message.deliveries.some(
    ({ id, state }) => waiting.has(id) && (state === 'unknown' || state === 'submitted'),
  );
  const restored = message.obligations.some(({ reasons }) =>
    reasons.some(({ code }) => code === 'after-restore'),
  );
  if ((unknown || restored) && !evenIfSent) {
    throw new CommandRefusedError(
      'It may have been sent already, and would then arrive twice. Look at the destination first; to send it all the same, replay it with --even-if-sent.',
    );
  }
}
