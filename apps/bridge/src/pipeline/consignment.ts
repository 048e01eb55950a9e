import type { Abandoned, Consignment, Destination, DeliverySteps, Parcel } from '../destinations/destination';
import { LedgerUnavailableError } from '../ledger/ledger-unavailable-error';
import { openSendWindow } from '../destinations/send-window';
import { begunAs } from '../domain/begun-as';
import type { Delivery } from '../domain/delivery';
import type { Attachment, Message } from '../domain/message';
import type { DueWork } from '../ledger/ledger';
import { publishStep } from '../telemetry/steps';
import type { PipelineContext } from './context';
import { record } from './record';
import { isScanDoubtful } from './scan-doubt';

export interface LoadedDelivery {
  readonly message: Message;
  readonly delivery: Delivery;
  readonly destination: Destination;
  readonly consignment: Consignment;
  /** Why its destination must not be asked about it: it was begun to one of another kind. Null where it may. */
  readonly change: string | null;
}

/** The delivery that a work row is about, with the cleared bytes and nothing else. */
export async function loadDelivery(context: PipelineContext, work: DueWork): Promise<LoadedDelivery> {
  const message = await context.ledger.messages.load(work.messageId);
  const delivery = message?.deliveries.find(({ id }) => id === work.subject);
  if (message === undefined || delivery === undefined)
    throw new Error(`delivery ${work.subject} is not in the ledger`);
  const destination = context.destinations.get(delivery.destination);
  if (destination === undefined) {
    throw new Error(
      `destination "${delivery.destination}" is not configured any more: add it again, or release the message elsewhere`,
    );
  }
  const travelling = new Set(
    message.obligations
      .filter(({ deliveryId }) => deliveryId === delivery.id)
      .map(({ attachmentId }) => attachmentId),
  );
  const parcels = message.attachments
    .filter(({ id }) => travelling.has(id))
    .map((attachment) => parcel(context, attachment));
  const { station, partner, subject, takenAt } = message;
  const consignment = { delivery, station, partner, subject, takenAt, parcels };
  return { message, delivery, destination, consignment, change: changeOf(delivery, destination) };
}

const kinds = { as2: 'an AS2 partner', folder: 'a folder' } as const;

/** What a destination was handed while it was of another kind, it cannot find now that it is of this one. */
function changeOf(delivery: Delivery, { name, kind }: Destination): string | null {
  const begun = begunAs(delivery);
  if (begun === null || begun === kind) return null;
  return (
    `destination ${name} was ${kinds[begun]} when this was begun and is ${kinds[kind]} now, which cannot tell what became of it; ` +
    'look there, or make it again what it was until this has come to its end'
  );
}

/**
 * Whether something of a delivery that is given up has left. Where that cannot be asked, its state says whether it may
 * have: a destination that is not there any more must not keep work from coming to its end.
 */
export async function fateOfDelivery(context: PipelineContext, work: DueWork): Promise<Abandoned> {
  try {
    const { destination, consignment, change } = await loadDelivery(context, work);
    return change === null ? await destination.fate(consignment) : { type: 'unclear' };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown error';
    context.log.warn(
      { deliveryId: work.subject, why },
      'a delivery is given up, and its destination cannot tell',
    );
    const message = await context.ledger.messages.load(work.messageId);
    const state = message?.deliveries.find(({ id }) => id === work.subject)?.state;
    return { type: state === undefined || state === 'due' ? 'nothing' : 'unclear' };
  }
}

/** Takes away what a delivery left at its destination of which it is noted that nothing has left. */
export async function discardDelivery(
  { log }: Pick<PipelineContext, 'log'>,
  { destination, consignment }: Pick<LoadedDelivery, 'destination' | 'consignment'>,
): Promise<void> {
  await destination.discard(consignment).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : 'unknown error';
    log.warn(
      { deliveryId: consignment.delivery.id, why },
      'what an unfinished delivery left is not cleared away',
    );
  });
}

/**
 * The bytes that may travel: exactly those that the evidence names.
 * @throws where there is no evidence that clears them, so that nothing can leave without it whatever called this
 */
function parcel(
  { custody }: PipelineContext,
  { name, contentType, size, sha256, custodyKey, scan }: Attachment,
): Parcel {
  const cleared = scan.evidence?.bytes ?? null;
  const conclusion = scan.evidence?.conclusion;
  const source =
    conclusion === 'cleared'
      ? { custodyKey, size, sha256 }
      : conclusion === 'cleared-sanitized' && scan.sanitized !== null
        ? scan.sanitized
        : null;
  if (
    source === null ||
    cleared === null ||
    cleared.sha256 !== source.sha256 ||
    cleared.size !== source.size
  ) {
    throw new Error(`no evidence clears the bytes of "${name}": they are not delivered`);
  }
  return {
    name,
    contentType,
    size: source.size,
    sha256: source.sha256,
    open: () => custody.open(source.custodyKey),
  };
}

/** What a destination may ask of the ledger while it works. */
export function deliverySteps(
  context: PipelineContext,
  work: DueWork,
  onBytes: (sent: number) => void,
  signal: AbortSignal,
): DeliverySteps {
  const { ledger, now, monotonic, settings } = context;
  const deliveryId = work.subject;
  return {
    signal,
    onBytes,
    now: now(),
    async intend(remoteId) {
      const extra = remoteId === undefined ? {} : { remoteId };
      const at = now();
      let isDoubtful = (): boolean => false;
      // Opened before the intent is written: the time that the writing takes is taken from it, and never added.
      const window = openSendWindow({
        forMs: settings.delivery.sendWithinMs,
        now,
        monotonic,
        wall: context.wall,
        signal,
        refusal: () =>
          isDoubtful() ? 'the scanner failed its self-test meanwhile' : context.forwardingRefusal(),
        onCheck: () => publishStep({ stage: 'deliver', point: 'send', subject: deliveryId }),
      });
      const { sendBy } = window;
      try {
        const { takenAt } = await record(context, work.messageId, () => [
          { type: 'intended', deliveryId, at, sendBy, ...extra },
        ]);
        // A time of doubt that is known already was looked at when the step began: it was not around this scan.
        const isKnown = context.isDoubtful(takenAt, at);
        isDoubtful = () => !isKnown && context.isDoubtful(takenAt, now());
      } catch (error) {
        window.end();
        throw error;
      }
      return window;
    },
    checkHeld() {
      const why = context.membership?.refusal() ?? null;
      if (why !== null) throw new LedgerUnavailableError(why, 'CUT_OFF');
    },
    async refusal() {
      const message = await ledger.messages.load(work.messageId);
      const isDoubtful = message === undefined || (await isScanDoubtful(context, message));
      return isDoubtful ? 'the scanner failed its self-test meanwhile' : context.forwardingRefusal();
    },
    async staged(remoteId) {
      await record(context, work.messageId, () => [{ type: 'staged', deliveryId, remoteId }]);
    },
    isClaimed: (remoteId) => ledger.messages.isRemoteIdClaimed(remoteId),
  };
}
