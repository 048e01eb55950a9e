import { admissionReasons } from './admission';
import { advanceMessage } from './advance-message';
import type { Media } from './media';
import type { Message, Mode } from './message';
import type { Effect, MessageEvent } from './message-event';
import type { Obligation } from './obligation';
import type { Reason } from './reason';
import type { DestinationTraits, Route } from './route';

/** What intake knows when all bytes are in custody. */
export interface NewMessageFacts {
  readonly station: string;
  readonly partner: string;
  readonly gatewayId: string;
  readonly subject: string | null;
  readonly gatewayTime: number | null;
  readonly takenAt: number;
  readonly attachments: readonly {
    readonly name: string;
    readonly contentType: string | null;
    readonly media: Media;
    readonly size: number;
    readonly sha256: string;
    readonly custodyKey: string;
  }[];
  /** SHA-256 over the attachments' names, sizes and hashes in order. */
  readonly contentDigest: string;
  readonly route: Route | null;
  readonly destinations: readonly DestinationTraits[];
  readonly conflict: string | null;
  readonly mode: Mode;
  /** Further reasons why it may not go its way by itself. */
  readonly reasons?: readonly Reason[];
  /** Makes ids: 32 lower-case hex digits each. */
  readonly newId: () => string;
}

export interface NewMessage {
  readonly message: Message;
  readonly events: readonly MessageEvent[];
  readonly effects: readonly Effect[];
}

/**
 * A message that was just taken into custody, with one obligation for each attachment and destination.
 * Deterministic but for `newId`.
 */
export function newMessage(facts: NewMessageFacts): NewMessage {
  const { newId, route } = facts;
  const attachments = facts.attachments.map((attachment, position) => {
    const id = newId();
    return {
      ...attachment,
      id,
      position,
      scan: {
        groupId: newId(),
        uploadName: `${id}${extensionOf(attachment.name)}`,
        fileId: null,
        uploaded: null,
        evidence: null,
        sanitized: null,
        disposed: false,
      },
    };
  });
  const obligations = planObligations(
    attachments.map(({ id }) => id),
    route,
    newId,
  );
  const taken: Message = {
    id: newId(),
    station: facts.station,
    partner: facts.partner,
    gatewayId: facts.gatewayId,
    subject: facts.subject,
    gatewayTime: facts.gatewayTime,
    takenAt: facts.takenAt,
    contentDigest: facts.contentDigest,
    route: route?.name ?? null,
    acknowledged: false,
    resends: 0,
    policyVersion: null,
    mode: facts.mode,
    legalHold: false,
    bytesRemoved: false,
    revision: 0,
    attachments,
    obligations,
    deliveries: [],
  };
  const reasons = [...admissionReasons(facts), ...(facts.reasons ?? [])];
  const event: MessageEvent = {
    type: 'taken',
    route: taken.route,
    attachments: attachments.length,
    bytes: attachments.reduce((sum, { size }) => sum + size, 0),
  };
  if (reasons.length === 0)
    return { message: taken, events: [event], effects: advanceMessage(taken, event).effects };
  const refused: MessageEvent = { type: 'refused', reasons };
  const { message, effects } = advanceMessage(taken, refused);
  return { message: { ...message, revision: 0 }, events: [event, refused], effects };
}

/** What is owed: each attachment (or the message itself, where it carries none) to each destination of the route. */
export function planObligations(
  attachmentIds: readonly string[],
  route: Route | null,
  newId: () => string,
): Obligation[] {
  const artefacts: readonly (string | null)[] = attachmentIds.length > 0 ? attachmentIds : [null];
  const names: readonly (string | null)[] = route === null ? [null] : route.destinations;
  return artefacts.flatMap((attachmentId) =>
    names.map((destination): Obligation => ({
      id: newId(),
      attachmentId,
      destination,
      place: 'custody',
      reasons: [],
      deliveryId: null,
    })),
  );
}

/** The extension in lower-case ASCII, since the scanner's file-type checks look at it; empty where there is none that fits. */
function extensionOf(name: string): string {
  const match = /\.([A-Za-z0-9]{1,10})$/.exec(name);
  return match?.[1] === undefined ? '' : `.${match[1].toLowerCase()}`;
}
