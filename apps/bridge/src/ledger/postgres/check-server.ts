import type { ClientBase, QueryResult } from 'pg';
import { LedgerRefusedError } from '../ledger-refused-error';
import type { PostgresAddress } from './postgres-address';

const oldestVersion = 140_000;

/** Whether what a server acknowledges lasts. */
interface Durability {
  readonly fsync: string;
  readonly commit: string;
}

interface ServerFacts extends Durability {
  readonly version: number;
  readonly release: string;
  readonly encoding: string;
  readonly standby: number;
}

/** As they count for the connection that is asked, now. */
export const durabilityColumns = `current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`;

/**
 * Looks whether what is committed lasts, with each transaction: both settings can be changed under connections that are open, and
 * take effect at once (ALTER SYSTEM, then a reload). While they are so nothing is written, and work goes on when they are mended.
 * @throws LedgerRefusedError
 */
export function checkDurability(answer: object | undefined, name: string): void {
  const problem = findLoss(answer ?? {});
  if (problem !== undefined) throw new LedgerRefusedError(`PostgreSQL at ${name} ${problem}`);
}

/**
 * Sets a new connection up, and looks whether what it commits lasts. At each connection, since a server may be started
 * again with other settings.
 * @throws LedgerRefusedError
 */
export async function checkServer(client: ClientBase, { name, schema }: PostgresAddress): Promise<void> {
  const path = `"${schema.replaceAll('"', '""')}"`;
  // One answer for each statement; the types know of one only.
  const answers = (await client.query(
    `set search_path to ${path};
     set statement_timeout = '30s';
     set lock_timeout = '10s';
     set idle_in_transaction_session_timeout = '15s';
     set tcp_keepalives_idle = 10;
     set tcp_keepalives_interval = 5;
     set tcp_keepalives_count = 3;
     set client_min_messages = warning;
     select current_setting('server_version_num')::int as version,
       current_setting('server_version') as release,
       ${durabilityColumns},
       current_setting('server_encoding') as encoding,
       pg_is_in_recovery() as standby`,
  )) as unknown as readonly QueryResult<ServerFacts>[];
  const facts = answers.at(-1)?.rows[0];
  if (facts === undefined) throw new LedgerRefusedError(`What answers at ${name} is no PostgreSQL.`);
  const problem = findProblem(facts);
  if (problem !== undefined) throw new LedgerRefusedError(`PostgreSQL at ${name} ${problem}`);
}

function findProblem(facts: ServerFacts): string | undefined {
  const { version, release, encoding, standby } = facts;
  if (version < oldestVersion)
    return `is version ${release}; the ledger needs 14 or newer. Upgrade the server.`;
  const loss = findLoss(facts);
  if (loss !== undefined) return loss;
  if (encoding !== 'UTF8')
    return `keeps this database as ${encoding}; names of files need UTF8. Make the database with ENCODING 'UTF8'.`;
  if (standby === 1) return 'is a standby and takes no writes. Let the URL name the primary.';
  return undefined;
}

function findLoss({ fsync, commit }: Partial<Durability>): string | undefined {
  if (fsync === 'off') {
    return 'runs with fsync=off: a power cut would lose what was acknowledged, or the whole database. Set fsync=on and restart it.';
  }
  if (commit === 'off') {
    return 'runs with synchronous_commit=off: a crash would lose what was acknowledged. Set it to on, also for this user and this database (ALTER ROLE, ALTER DATABASE).';
  }
  return undefined;
}
