import type { ClientBase, QueryResult } from 'pg';
import { LedgerRefusedError } from '../ledger-refused-error';
import type { PostgresAddress } from './postgres-address';

const oldestVersion = 140_000;

interface ServerFacts {
  readonly version: number;
  readonly release: string;
  readonly fsync: string;
  readonly commit: string;
  readonly encoding: string;
  readonly standby: number;
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
     select current_setting('server_version_num')::int as version,
       current_setting('server_version') as release,
       current_setting('fsync') as fsync,
       current_setting('synchronous_commit') as commit,
       current_setting('server_encoding') as encoding,
       pg_is_in_recovery() as standby`,
  )) as unknown as readonly QueryResult<ServerFacts>[];
  const facts = answers.at(-1)?.rows[0];
  if (facts === undefined) throw new LedgerRefusedError(`What answers at ${name} is no PostgreSQL.`);
  const problem = findProblem(facts);
  if (problem !== undefined) throw new LedgerRefusedError(`PostgreSQL at ${name} ${problem}`);
}

function findProblem({
  version,
  release,
  fsync,
  commit,
  encoding,
  standby,
}: ServerFacts): string | undefined {
  if (version < oldestVersion)
    return `is version ${release}; the ledger needs 14 or newer. Upgrade the server.`;
  if (fsync === 'off') {
    return 'runs with fsync=off: a power cut would lose what was acknowledged, or the whole database. Set fsync=on and restart it.';
  }
  if (commit === 'off') {
    return 'runs with synchronous_commit=off: a crash would lose what was acknowledged. Set it to on, also for this user and this database (ALTER ROLE, ALTER DATABASE).';
  }
  if (encoding !== 'UTF8')
    return `keeps this database as ${encoding}; names of files need UTF8. Make the database with ENCODING 'UTF8'.`;
  if (standby === 1) return 'is a standby and takes no writes. Let the URL name the primary.';
  return undefined;
}
