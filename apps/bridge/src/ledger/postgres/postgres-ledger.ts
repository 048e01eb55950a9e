import type { Logger } from 'pino';
import type { LedgerParts } from '../assemble-ledger';
import { assembleLedger } from '../assemble-ledger';
import { createClaimStatements } from '../claim-statements';
import { createFairClaims } from '../fair-claims';
import type { Ledger } from '../ledger';
import type { LedgerClock } from '../ledger-clock';
import type { LedgerReader } from '../ledger-reader';
import type { Membership } from '../membership';
import { soleMembership } from '../membership';
import type { Candidate } from './join-members';
import { joinMembers } from './join-members';
import { claimAsMember } from './member-claim';
import type { PostgresTarget } from './postgres-address';
import { readAddress } from './postgres-address';
import { createPostgresCompiler, freeRowsOfMany } from './postgres-dialect';
import { toPostgresFault } from './postgres-fault';
import { createMembership } from './postgres-membership';
import type { PostgresPool } from './postgres-pool';
import { createPostgresPool } from './postgres-pool';
import { createPostgresReadSource } from './postgres-read-source';
import { checkRights, migratePostgres } from './postgres-schema';
import { createPostgresWriter } from './postgres-writer';
import { claimWriting } from './writer-claim';

export interface PostgresLedgerOptions extends PostgresTarget {
  /** Epoch ms. */
  readonly now: () => number;
  readonly logger?: Pick<Logger, 'info'>;
  /** Makes ids of due rows; random by default. */
  readonly newId?: () => string;
  /** Another bridge has taken over: nothing can be written from here any more. */
  readonly onLost?: (error: Error) => void;
  /** ms for which the server is asked what became of a COMMIT whose answer was lost; a minute by default. */
  readonly undecidedMs?: number;
  /** Others may share the ledger; absent where this bridge has it for itself. */
  readonly several?: SeveralOptions | undefined;
}

/** How a bridge shares its ledger with others. */
export interface SeveralOptions extends Candidate {
  readonly clock: LedgerClock;
  readonly monotonic: () => number;
  /** Epoch ms of this machine. */
  readonly wall: () => number;
  readonly log: Logger;
}

export interface OpenedPostgresLedger {
  readonly ledger: Ledger & Pick<LedgerReader, 'audit'>;
  /** Whether the tables were there before. */
  readonly existed: boolean;
  readonly membership: Membership;
}

/** Transactions and reads at a time. */
const connections = 10;

/**
 * Opens the ledger on a server, and makes its tables where the schema is empty. One process may at a time, or several that
 * each say so.
 * @throws LedgerRefusedError where another bridge writes it for itself or is set otherwise, it is newer, or the server would
 * lose what it acknowledged
 * @throws LedgerUnavailableError where the server cannot be reached or lets us not in
 *
 * @example
 * const { ledger } = await openPostgresLedger({ url, tls: 'verify', ca: null, schema: 'mft_bridge', now: Date.now });
 */
export async function openPostgresLedger(options: PostgresLedgerOptions): Promise<OpenedPostgresLedger> {
  const pool = createPostgresPool(readAddress(options), connections);
  const closers: (() => Promise<void>)[] = [() => pool.close()];
  try {
    return options.several === undefined
      ? await openAlone(pool, options, closers)
      : await openShared(pool, options, options.several);
  } catch (error) {
    for (const close of closers.reverse()) await close();
    throw toPostgresFault(error, pool.address.name);
  }
}

async function openAlone(
  pool: PostgresPool,
  options: PostgresLedgerOptions,
  closers: (() => Promise<void>)[],
): Promise<OpenedPostgresLedger> {
  const lock = await claimWriting(pool, options.onLost ?? (() => undefined));
  closers.push(() => lock.release());
  const existed = await prepareSchema(pool, options);
  const { mayEndIntents } = await lock.takeOver();
  const ledger = assemble(pool, options, {
    writer: createPostgresWriter(pool, lock, options.onLost ?? (() => undefined), options.undecidedMs),
    isShared: false,
    mayEndIntents,
    holder: null,
    async release() {
      await pool.close();
      await lock.release();
    },
  });
  return { ledger, existed, membership: soleMembership('') };
}

async function openShared(
  pool: PostgresPool,
  options: PostgresLedgerOptions,
  several: SeveralOptions,
): Promise<OpenedPostgresLedger> {
  const { onLost = () => undefined } = options;
  const existed = await prepareSchema(pool, options);
  const joined = await joinMembers(pool, several, several);
  const claim = claimAsMember(pool.address, { id: joined.id, name: several.name }, onLost);
  const writer = createPostgresWriter(pool, claim, onLost, options.undecidedMs);
  const membership = createMembership({ ...several, pool, writer, claim, candidate: several, joined });
  try {
    await membership.begin();
  } catch (error) {
    await membership.leave();
    throw error;
  }
  const ledger = assemble(pool, options, {
    writer,
    isShared: true,
    holder: joined.id,
    async release() {
      await membership.leave();
      await pool.close();
    },
  });
  return { ledger, existed, membership };
}

/** @returns whether the tables were there before */
async function prepareSchema(pool: PostgresPool, options: PostgresLedgerOptions): Promise<boolean> {
  const existed = await migratePostgres(pool, options);
  await checkRights(pool, 'write');
  return existed;
}

function assemble(
  pool: PostgresPool,
  { now, newId }: PostgresLedgerOptions,
  parts: Pick<LedgerParts, 'writer' | 'isShared' | 'mayEndIntents' | 'release'> & {
    readonly holder: string | null;
  },
): OpenedPostgresLedger['ledger'] {
  const { writer, holder, ...rest } = parts;
  const db = createPostgresCompiler();
  const source = createPostgresReadSource(pool);
  const statements = createClaimStatements(db, { freeRows: freeRowsOfMany, holder });
  return assembleLedger({
    ...rest,
    db,
    writer,
    // The pool serves both: it is closed when the last program is written.
    source: { ...source, close: () => Promise.resolve() },
    claim: createFairClaims(statements, writer, source),
    now,
    newId,
  });
}
