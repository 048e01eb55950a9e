import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import type { Ledger } from './ledger';
import type { LedgerReader } from './ledger-reader';
import { LedgerRefusedError } from './ledger-refused-error';
import type { Membership } from './membership';
import { soleMembership } from './membership';
import type { PostgresTarget } from './postgres/postgres-address';
import type { SeveralOptions } from './postgres/postgres-ledger';
import { openSqliteLedger } from './sqlite-ledger';
import { openSqliteLedgerReader } from './sqlite-ledger-reader';
import type { OpenWriter } from './sqlite-writer';

/** Where the ledger is: a file, or where `postgres` is given a server. */
export interface LedgerPlace {
  readonly file: string;
  readonly postgres:
    (Omit<PostgresTarget, 'url'> & { readonly url: { readonly wasRead: boolean; reveal(): string } }) | null;
}

export interface OpenLedgerOptions {
  /** Epoch ms. */
  readonly now: () => number;
  readonly logger: Pick<Logger, 'info'>;
  /** Where the connection that writes a file lives. */
  readonly openWriter: OpenWriter;
  /** Nothing can be written any more, whatever is tried: the process must be started anew. */
  readonly onLost: (error: Error) => void;
  /** Others may share a ledger on a server; absent where this bridge has it for itself. */
  readonly several?: SeveralOptions | undefined;
}

export interface OpenedLedger {
  readonly ledger: Ledger;
  /** Whether it was there before. */
  readonly existed: boolean;
  readonly membership: Membership;
}

/** Opens the ledger for reading and writing. @throws LedgerRefusedError, LedgerUnavailableError */
export async function openLedger(
  { file, postgres }: LedgerPlace,
  { openWriter, ...options }: OpenLedgerOptions,
): Promise<OpenedLedger> {
  if (postgres !== null) {
    // Loaded where it is used: a bridge with a file needs no memory for a client of a server.
    const { openPostgresLedger } = await import('./postgres/postgres-ledger');
    return openPostgresLedger({ ...options, ...postgresTarget(postgres) });
  }
  const existed = existsSync(file);
  const ledger = await openSqliteLedger({ ...options, file, openWriter });
  return { ledger, existed, membership: soleMembership('') };
}

/** Opens it for reading only, beside a bridge that writes it. @throws LedgerRefusedError, LedgerUnavailableError */
export async function openLedgerReader(
  { file, postgres }: LedgerPlace,
  now: () => number,
): Promise<LedgerReader> {
  if (postgres === null) return openSqliteLedgerReader(file, now);
  const { openPostgresLedgerReader } = await import('./postgres/postgres-ledger-reader');
  return openPostgresLedgerReader(postgresTarget(postgres), now);
}

/** How the configured server is reached. @throws LedgerRefusedError where its URL could not be read */
export function postgresTarget({ url, ...target }: NonNullable<LedgerPlace['postgres']>): PostgresTarget {
  if (!url.wasRead) {
    throw new LedgerRefusedError(
      'The URL of the ledger could not be read. Set the variable or the file that ledger.postgres.url names; without it nobody can look into the ledger.',
    );
  }
  return { ...target, url: url.reveal() };
}
