import type { As2GatewayClient, Delivery as GatewayDelivery } from '@mft-bridge/as2-gateway-client';
import { reason } from '../domain/reason';
import { reconcile } from './as2-reconcile';
import { submitToGateway } from './as2-submit';
import type { Consignment, DeliveryOutcome, DeliverySteps, Destination } from './destination';

const dayMs = 86_400_000;

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
      const begun = begunAt(delivery.intendedAt, steps.now);
      // Until `sendBy` whoever intended may still send, and what was sent needs a while to stand in the boxes.
      if (steps.now < (delivery.sendBy ?? begun) + settleMs)
        return { type: 'again', why: 'the answer to the submission was lost; it is searched for soon' };
      return findAgain(consignment, begun, steps);
    }
    return submitToGateway({ gateway, from, to, subject: subjectOf(consignment), consignment, steps });
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
    // Each of its calls asks the gateway, whose state is told elsewhere.
    check: () => Promise.resolve(),
    deliver,
    confirm,
    // Under a known id there is nothing to search for: its receipt may only have been late.
    reconcile: (consignment, steps) =>
      consignment.delivery.remoteId === null
        ? findAgain(
            consignment,
            begunAt(consignment.delivery.intendedAt ?? consignment.takenAt, steps.now),
            steps,
          )
        : confirm(consignment, steps),
    fate: ({ delivery: { state } }) =>
      Promise.resolve({ type: state === 'intended' || state === 'submitted' ? 'unclear' : 'nothing' }),
    discard: () => Promise.resolve(),
  };
}

/**
 * When a submission was begun at the earliest. An intent of a time to come was written before our clock was set back: how far
 * it was ahead is not known, and the gateway has its own time.
 */
function begunAt(intendedAt: number | null, now: number): number {
  if (intendedAt === null) return now;
  return intendedAt <= now ? intendedAt : now - dayMs;
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
