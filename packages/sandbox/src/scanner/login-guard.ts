import type { Account } from './accounts';
import type { Lockout } from './settings';

/** Counts failed logins by account and locks it. */
export interface LoginGuard {
  locked(account: Account): boolean;
  failed(account: Account): void;
  succeeded(account: Account): void;
}

/**
 * The count starts anew after a success, after the lock, and when the last failure is long ago. While the account is
 * locked nothing is counted: who keeps trying does not prolong it.
 *
 * @param rule - Read at every call: an administrator may change it.
 * @param now - Epoch ms.
 * @example
 * const guard = createLoginGuard(() => ({ attempts: 3, lockMs: 600_000 }), Date.now);
 */
export function createLoginGuard(rule: () => Lockout | null, now: () => number): LoginGuard {
  const failures = new Map<number, { count: number; last: number }>();
  const locked = (account: Account): boolean => {
    const lockout = rule();
    const known = failures.get(account.userId);
    if (lockout === null || known === undefined || known.count < lockout.attempts) return false;
    if (now() < known.last + lockout.lockMs) return true;
    failures.delete(account.userId);
    return false;
  };
  return {
    locked,
    failed(account) {
      const lockout = rule();
      if (lockout === null || locked(account)) return;
      const known = failures.get(account.userId);
      const fresh = known !== undefined && now() < known.last + (lockout.resetMs ?? lockout.lockMs);
      failures.set(account.userId, { count: fresh ? known.count + 1 : 1, last: now() });
    },
    succeeded: (account) => void failures.delete(account.userId),
  };
}
