import type { Role } from '../ledger/membership';
import { outagePrefix } from './breaker';
import type { PipelineContext } from './context';
import { classifyFailure } from './failure';

/** Longer than a service needs to be started again: who lets a role go at each small fault sends it round in a circle. */
const patienceMs = 60_000;
/** A role that is tried once an hour must fail more than once. */
const patienceTries = 3;

/** What each role asks of this bridge that another may have: its way to a service, a disk, a mount. */
const prefixOf = (role: Role): string => {
  if (role === 'self-test') return outagePrefix('scanner');
  return role.startsWith('intake:') ? outagePrefix('gateway') : '';
};

/** Lets go what this bridge alone does, and cannot do for a while. */
export interface RolePatience {
  /** The role was filled once more. */
  worked(role: Role): void;
  /** It could not be. To be called when nothing of it is under way here: another may begin at once. */
  failed(role: Role, why: string): void;
}

/**
 * Of several bridges one takes the messages of a station, one seals, one tests the scanner. One that lives and writes the ledger,
 * but cannot reach the service (its own proxy, name service, route, mount), would keep such a role for ever, while the others could
 * fill it. So after three failures in a row over a minute or more it gives the role to them; where none of them does better either,
 * it goes on from one to the next.
 */
export function createRolePatience({
  membership,
  monotonic,
  log,
}: Pick<PipelineContext, 'membership' | 'monotonic' | 'log'>): RolePatience {
  const failing = new Map<Role, { readonly since: number; tries: number }>();

  return {
    worked: (role) => void failing.delete(role),
    failed(role, why) {
      if (membership === undefined || membership.count() < 2 || !membership.holds(role)) {
        failing.delete(role);
        return;
      }
      const entry = failing.get(role) ?? { since: monotonic(), tries: 0 };
      entry.tries += 1;
      failing.set(role, entry);
      const isPatient = entry.tries < patienceTries || monotonic() - entry.since < patienceMs;
      // Where the service answers nobody, it is no fault of this bridge.
      if (isPatient || !membership.othersGoOn(prefixOf(role))) return;
      failing.delete(role);
      log.warn(
        { part: role, why },
        'this bridge cannot do what it alone is there for; it is left to another',
      );
      membership.handOver(role).catch((error: unknown) => {
        log.warn({ why: classifyFailure(error).why }, 'a role could not be handed over; it is tried again');
      });
    },
  };
}
