import { admissionReasons } from './admission';
import type { Message } from './message';
import type { MessageEvent } from './message-event';
import { planObligations } from './new-message';
import type { DestinationTraits, Route } from './route';
import { findRoute } from './route';

export interface ReplayFacts {
  readonly command: string;
  readonly actor: string;
  /** The one who asks knows that it may arrive twice. */
  readonly evenIfSent: boolean;
  readonly routes: readonly Route[];
  readonly destinations: ReadonlyMap<string, DestinationTraits>;
  /** Makes ids: 32 lower-case hex digits each. */
  readonly newId: () => string;
}

type Replayed = Extract<MessageEvent, { type: 'replayed' }>;

/** What sends a message on its way again, or the sentence that says why that may not be. */
export type ReplayPlan =
  | { readonly event: Replayed; readonly refusal?: undefined }
  | { readonly event?: undefined; readonly refusal: string };

/**
 * What sends a held or dead message on its way again: by the route that fits now, with fresh obligations for what was
 * neither delivered nor quarantined. Reasons that a person has looked at (an id used twice, read elsewhere, after a
 * restore) count no more; those that would still stand in its way do. Deterministic but for `newId`.
 */
export function planReplay(message: Message, facts: ReplayFacts): ReplayPlan {
  const refusal = replayRefusal(message, facts);
  if (refusal !== null) return { refusal };
  const { routes, destinations, newId, actor, command } = facts;
  const route = findRoute(routes, message.station, message.partner);
  const reasons = admissionReasons({
    attachments: message.attachments,
    route,
    destinations: (route?.destinations ?? []).flatMap((name) => destinations.get(name) ?? []),
    conflict: null,
  });
  if (reasons.length > 0)
    return { refusal: `It would be held again: ${reasons.map(({ text }) => text).join(' ')}` };

  const owed = message.obligations.filter(({ place }) => place === 'held' || place === 'dead-letter');
  const key = (of: { attachmentId: string | null; destination: string | null }): string =>
    JSON.stringify([of.attachmentId, of.destination]);
  const settled = new Set(message.obligations.filter((one) => !owed.includes(one)).map(key));
  const owedAttachments = new Set(owed.map(({ attachmentId }) => attachmentId));
  const ids = message.attachments.map(({ id }) => id).filter((id) => owedAttachments.has(id));
  const obligations = planObligations(ids, route, newId).filter((one) => !settled.has(key(one)));
  if (obligations.length === 0)
    return { refusal: 'Nothing of it is owed to a destination of its route any more.' };
  const groupIds = Object.fromEntries(ids.map((id) => [id, newId()]));
  return {
    event: { type: 'replayed', command, actor, route: route?.name ?? null, obligations, groupIds },
  };
}

/** Why the state of a message does not allow to replay it; null where it does. Pure. */
export function replayRefusal(
  message: Message,
  { evenIfSent }: Pick<ReplayFacts, 'evenIfSent'>,
): string | null {
  const places = new Set(message.obligations.map(({ place }) => place));
  if (places.has('custody')) return 'It is in work: there is nothing to replay.';
  if (!places.has('held') && !places.has('dead-letter'))
    return places.has('quarantined')
      ? 'It is quarantined: a replay does not let it out. A quarantined file leaves by a release alone, which takes two people and a fresh scan, and which this version does not have yet.'
      : 'Nothing of it is held or a dead letter.';
  if (message.bytesRemoved) return 'Its bytes are no longer in custody: ask the partner to send it again.';
  return !evenIfSent && mayHaveBeenSent(message)
    ? 'It may have been sent already, and would then arrive twice. Look at the destination first; to send it all the same, replay it with --even-if-sent (evenIfSent in the API).'
    : null;
}

function mayHaveBeenSent({ obligations, deliveries }: Message): boolean {
  const waiting = new Set(
    obligations.flatMap(({ place, deliveryId }) => (place === 'held' ? (deliveryId ?? []) : [])),
  );
  const unknown = deliveries.some(
    ({ id, state }) => waiting.has(id) && (state === 'unknown' || state === 'submitted'),
  );
  // Also without a delivery: what was in work when the backup was made may have gone its way since.
  const restored = obligations.some(({ place, reasons }) =>
    place === 'held' ? reasons.some(({ code }) => code === 'after-restore') : false,
  );
  return unknown || restored;
}
