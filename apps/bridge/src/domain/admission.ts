import type { Message } from './message';
import type { Reason } from './reason';
import { reason } from './reason';
import type { DestinationTraits, Route } from './route';

export interface AdmissionFacts {
  readonly attachments: readonly { readonly name: string; readonly size: number }[];
  readonly route: Route | null;
  readonly destinations: readonly DestinationTraits[];
  /** Another message of the same id is known, with other content, partner or time. */
  readonly conflict: string | null;
}

/** Why a message just taken cannot go its way, before anything was scanned; empty if it can. Pure. */
export function admissionReasons({ attachments, route, destinations, conflict }: AdmissionFacts): Reason[] {
  const reasons: Reason[] = [];
  if (conflict !== null) reasons.push(reason('id-conflict', conflict));
  if (attachments.length === 0) reasons.push(reason('no-attachment'));
  for (const { name } of attachments.filter(({ size }) => size === 0))
    reasons.push(reason('empty-attachment', name));
  if (route === null) reasons.push(reason('no-route'));
  for (const destination of destinations) reasons.push(...fitReasons(attachments, destination));
  return reasons;
}

/**
 * Why a message that was only observed cannot go its way now that it is taken for real; empty if it can. What is owed
 * was planned by the route of that time: by another one it is planned anew when a person replays it. Pure.
 */
export function enforcementReasons(
  { attachments, route: planned, obligations }: Message,
  facts: Pick<AdmissionFacts, 'route' | 'destinations' | 'conflict'>,
): Reason[] {
  const reasons = admissionReasons({ ...facts, attachments });
  const { route } = facts;
  if (route === null) return reasons;
  const owed = new Set(obligations.map(({ destination }) => destination));
  const isSamePlan =
    route.name === planned &&
    owed.size === route.destinations.length &&
    route.destinations.every((name) => owed.has(name));
  if (!isSamePlan) reasons.push(reason('no-route', 'the route was changed since the message was observed'));
  return reasons;
}

function fitReasons(attachments: AdmissionFacts['attachments'], to: DestinationTraits): Reason[] {
  const reasons: Reason[] = [];
  const sizes = attachments.map(({ size }) => size);
  const largest = to.unit === 'message' ? sizes.reduce((sum, size) => sum + size, 0) : Math.max(0, ...sizes);
  if (to.maxBytes !== null && largest > to.maxBytes) {
    reasons.push(
      reason('too-large', `${String(largest)} bytes; ${to.name} takes at most ${String(to.maxBytes)}`),
    );
  }
  const unfit = attachments.find(({ name }) => !to.carriesName(name));
  if (unfit !== undefined) reasons.push(reason('name-not-transmittable', `${to.name}: ${unfit.name}`));
  return reasons;
}
