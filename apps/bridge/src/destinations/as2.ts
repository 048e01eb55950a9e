import type { As2GatewayClient, Delivery as GatewayDelivery } from '@mft-bridge/as2-gateway-client';
import {
  isApiError,
  isConnectionError,
  isInvalidRequestError,
  isMftBridgeError,
  isUnauthorizedError,
  isForbiddenError,
  isRateLimitedError,
} from '@mft-bridge/http-transport';
import type { CustodyDamagedError } from '../custody/custody';
import { reason } from '../domain/reason';
import { reconcile } from './as2-reconcile';
import type { Consignment, DeliveryOutcome, DeliverySteps, Destination } from './destination';
import { withhold } from './withhold';

export interface As2DestinationOptions {
  readonly name: string;
  /** Station that sends, partner that receives. */
  readonly from: string;
  readonly to: string;
  /** Subject of what is sent; the original's where it is null. */
  readonly subject: string | null;
  /** Largest sum of attachments in bytes. */
  readonly maxBytes: number;
  /** How long after an intent whose answer was lost the gateway's boxes are searched: a request may still be under way. */
  readonly settleMs: number;
  readonly gateway: As2GatewayClient;
}

/** Another AS2 partner, reached by the gateway's REST submit. */
export function createAs2Destination(options: As2DestinationOptions): Destination {
  const { gateway, from, to, settleMs } = options;

  async function deliver(consignment: Consignment, steps: DeliverySteps): Promise<DeliveryOutcome> {
    const { delivery } = consignment;
    if (delivery.state === 'intended') {
      const begun = delivery.intendedAt ?? steps.now;
      // Until `sendBy` whoever intended may still send, and what was sent needs a while to stand in the boxes.
      if (steps.now < (delivery.sendBy ?? begun) + settleMs)
        return { type: 'again', why: 'the answer to the submission was lost; it is searched for soon' };
      return findAgain(consignment, begun, steps);
    }
    await steps.intend();
    return submit(consignment, steps);
  }

  async function findAgain(
    consignment: Consignment,
    begun: number,
    steps: DeliverySteps,
  ): Promise<DeliveryOutcome> {
    const result = await reconcile({
      gateway,
      from,
      to,
      begun,
      consignment,
      subject: subjectOf(consignment),
      steps,
    });
    if (result.type === 'found') return { type: 'submitted', remoteId: result.remoteId };
    if (result.type === 'unclear') return { type: 'again', why: result.why };
    return {
      type: 'unknown',
      reasons: [reason('delivery-unknown', `not found in the boxes of ${from} to ${to}`)],
    };
  }

  async function submit(
    consignment: Consignment,
    { signal, onBytes }: DeliverySteps,
  ): Promise<DeliveryOutcome> {
    const damage: CustodyDamagedError[] = [];
    const subject = subjectOf(consignment);
    try {
      const { id } = await gateway.messages.send(
        {
          from,
          to,
          ...(subject === null ? {} : { subject }),
          attachments: consignment.parcels.map((parcel) => ({
            name: parcel.name,
            ...(parcel.contentType === null ? {} : { contentType: parcel.contentType }),
            size: parcel.size,
            content: () => withhold(parcel, (error) => damage.push(error)),
          })),
        },
        { signal, priority: 2, onSent: onBytes },
      );
      return { type: 'submitted', remoteId: id };
    } catch (error) {
      // What failed the request says more than the request's own error.
      return outcomeOfError(damage[0] ?? error);
    }
  }

  async function confirm({ delivery }: Consignment, { signal }: DeliverySteps): Promise<DeliveryOutcome> {
    const { remoteId } = delivery;
    if (remoteId === null)
      return { type: 'unknown', reasons: [reason('delivery-unknown', 'no message id was noted')] };
    return outcomeOfDelivery(await gateway.outbox.delivery(remoteId, { signal, priority: 1 }));
  }

  function subjectOf({ subject }: Consignment): string | null {
    return options.subject ?? subject;
  }

  return {
    name: options.name,
    kind: 'as2',
    unit: 'message',
    maxBytes: options.maxBytes,
    // Names travel in HTTP headers and MIME parameters; how the gateway reads anything but ASCII there is not documented.
    carriesName: (name) => /^[\x20-\x7e]{1,200}$/.test(name),
    deliver,
    confirm,
    reconcile: (consignment, steps) =>
      findAgain(consignment, consignment.delivery.intendedAt ?? consignment.takenAt, steps),
  };
}

/** What a failed submit means. Only "provably not sent" and "refused" may lead to another submit. Pure. */
export function outcomeOfError(error: unknown): DeliveryOutcome {
  if (!isMftBridgeError(error)) throw error;
  if (isInvalidRequestError(error))
    return { type: 'failed', reasons: [reason('delivery-refused', error.message)] };
  const passing = isUnauthorizedError(error) || isForbiddenError(error) || isRateLimitedError(error);
  if (error.outcome === 'not-sent' || passing) return { type: 'not-sent', why: error.message };
  if (error.outcome === 'rejected' && isApiError(error)) {
    return { type: 'failed', reasons: [reason('delivery-refused', error.message)] };
  }
  if (isConnectionError(error) || error.outcome === 'unknown') {
    return { type: 'lost', why: `the answer to the submission was lost (${error.message})` };
  }
  throw error;
}

/** What the gateway says of a submission. Delivered is only what stands in the outbox with a good MDN. Pure. */
export function outcomeOfDelivery({ state, good, disposition }: GatewayDelivery): DeliveryOutcome {
  const said = disposition?.text ?? '';
  if (state === 'sent' && good) return { type: 'delivered', proof: said };
  if (state === 'sent' && disposition !== undefined) {
    return { type: 'failed', reasons: [reason('delivery-failed', `the partner's MDN says: ${said}`)] };
  }
  if (state === 'failed')
    return { type: 'failed', reasons: [reason('delivery-failed', 'the gateway lists it as failed')] };
  return {
    type: 'again',
    why: state === 'sent' ? 'sent; its MDN is not there yet' : `the gateway says: ${state}`,
  };
}
