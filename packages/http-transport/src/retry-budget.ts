import type { RetryBudgetOptions } from './transport-options';

export interface RetryBudget {
  /** Whether one retry is in hand. Takes nothing. */
  has(): boolean;
  spend(): void;
  /** A call succeeded. */
  earn(): void;
}

/**
 * Retries in hand, common to all calls of a transport. During an outage every caller would otherwise send its four
 * tries, and the load on the service would be four times what it was when it broke down. Time earns retries as well,
 * so that a client with few calls recovers.
 */
export function createRetryBudget(options: RetryBudgetOptions | undefined, now: () => number): RetryBudget {
  const capacity = options?.capacity ?? 20;
  const perSuccess = options?.perSuccess ?? 0.2;
  const perSecond = options?.perSecond ?? 0.5;
  let inHand = capacity;
  let countedAt = now();

  const add = (amount: number): void => {
    inHand = Math.min(capacity, inHand + amount);
  };
  const countTime = (): void => {
    const at = now();
    // A clock that was set back earns nothing, and takes nothing.
    if (at > countedAt) add(((at - countedAt) / 1000) * perSecond);
    countedAt = at;
  };

  return {
    has: () => {
      countTime();
      return inHand >= 1;
    },
    spend: () => {
      countTime();
      inHand = Math.max(0, inHand - 1);
    },
    earn: () => add(perSuccess),
  };
}
