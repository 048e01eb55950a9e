import type { As2GatewayClient } from '@mft-bridge/as2-gateway-client';
import { uniqueNames } from '@mft-bridge/as2-gateway-client';
import type { Consignment, DeliverySteps } from './destination';

/** The gateway's clock and ours differ: a message so much older than the intent may still be its submission. */
const clockSkewMs = 120_000;

export type Reconciled =
  | { readonly type: 'found'; readonly remoteId: string }
  | { readonly type: 'not-found' }
  /** Not everything could be looked at, or compared: nothing is proven. */
  | { readonly type: 'unclear'; readonly why: string };

/**
 * Looks in the gateway's boxes for a submission whose answer was lost: same station and partner, not older than the
 * intent, same subject and names, same bytes, and not the submission of another delivery.
 */
export async function reconcile(search: {
  readonly gateway: As2GatewayClient;
  readonly from: string;
  readonly to: string;
  readonly begun: number;
  readonly subject: string | null;
  readonly consignment: Consignment;
  readonly steps: DeliverySteps;
}): Promise<Reconciled> {
  const { gateway, from, to, subject, consignment, steps } = search;
  const { found, complete } = await gateway.outbox.findSubmission(
    {
      from,
      to,
      ...(subject === null ? {} : { subject }),
      attachmentNames: uniqueNames(consignment.parcels.map(({ name }) => name)),
      sha256: consignment.parcels.map(({ sha256 }) => sha256),
      since: search.begun - clockSkewMs,
    },
    { signal: steps.signal, priority: 1 },
  );
  const free = [];
  for (const candidate of found) {
    if (!(await steps.isClaimed(candidate.id))) free.push(candidate);
  }
  const match = free.find(({ contentCompared }) => contentCompared);
  if (match !== undefined) return { type: 'found', remoteId: match.id };
  if (free.length > 0)
    return {
      type: 'unclear',
      why: 'a message that looks like it is there, but its bytes cannot be fetched any more',
    };
  return complete
    ? { type: 'not-found' }
    : { type: 'unclear', why: 'the boxes hold more than could be searched' };
}
