import type { RequestLimit, RequestLimiter } from '@mft-bridge/http-transport';
import type { Membership } from '../ledger/membership';

/** A limit that all bridges keep together, and what keeps it here. */
export interface SharedLimit {
  readonly limit: RequestLimit;
  readonly keeper: Pick<RequestLimiter, 'setLimit'>;
}

/**
 * Gives this bridge its part of what services grant to all of them together, now and whenever bridges come or go. A part may
 * be less than one request a second; a burst is one request at least.
 */
export function shareLimits(
  membership: Pick<Membership, 'several' | 'share' | 'onChange'>,
  limits: readonly SharedLimit[],
): void {
  if (!membership.several) return;
  const divide = (): void => {
    for (const { limit, keeper } of limits) keeper.setLimit(partOf(limit, membership.share()));
  };
  membership.onChange(divide);
  divide();
}

/** Pure. */
export function partOf({ perSecond, burst }: RequestLimit, share: number): RequestLimit {
  if (share === 0) return { perSecond: 0, burst: 0 };
  return { perSecond: perSecond * share, burst: Math.max(1, Math.floor(burst * share)) };
}
