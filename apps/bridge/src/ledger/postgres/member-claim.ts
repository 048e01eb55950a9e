import { LedgerUnavailableError } from '../ledger-unavailable-error';
import { checkDurability, durabilityColumns } from './check-server';
import { memberLock } from './member-statements';
import type { PostgresAddress } from './postgres-address';
import type { WritingRight } from './writer-claim';

/** Whether this bridge is one of those that may write. */
export interface MemberClaim extends WritingRight {
  /** It was seen that it is none of them any more. */
  lose(): LedgerUnavailableError;
  isLost(): boolean;
}

/**
 * The right of a member to write: each of its transactions looks whether it still is one. The lock makes whoever removes it
 * wait for those that have looked; it stands in the server's memory only, so that looking writes nothing.
 */
export function claimAsMember(
  { schema, name: place }: PostgresAddress,
  { id, name }: { readonly id: string; readonly name: string },
  onLost: (error: Error) => void,
): MemberClaim {
  let lost: LedgerUnavailableError | undefined;

  function lose(): LedgerUnavailableError {
    if (lost === undefined) {
      lost = new LedgerUnavailableError(
        `This bridge (${name}) does not count as one of the ledger at ${place} any more: it had been silent for too long, as one that was stopped or cut off from the server is, and others have taken over what it did. Nothing more is written from here. It ends; start it anew.`,
        'TAKEN_OVER',
      );
      onLost(lost);
    }
    return lost;
  }

  return {
    begin: `begin; select pg_advisory_xact_lock_shared(${memberLock(schema, id)}); select (select id from member where id = '${id}') as holder, ${durabilityColumns}`,
    check(answers) {
      const row = answers.at(-1)?.rows[0] as { holder: string | null } | undefined;
      if (row?.holder !== id) throw lose();
      checkDurability(row, place);
    },
    lose,
    isLost: () => lost !== undefined,
  };
}
