import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { PoolClient } from 'pg';
import { LedgerRefusedError } from '../ledger-refused-error';
import { allMigrations } from '../migrations/all-migrations';
import { markMigrated } from '../schema-version';
import { createPostgresCompiler } from './postgres-dialect';
import type { PostgresPool } from './postgres-pool';
import type { PostgresAddress } from './postgres-address';
import { checkSchema } from './check-schema';
import type { MemberTimes, SilentMembers } from './silent-members';
import { createSilentMembers, untilHeardOrGone } from './silent-members';
import type { MemberRow } from '../tables';
import { ledgerLock } from './member-statements';
import { runStatement } from './postgres-writer';
import type { Migration } from '../migration';
import { severalBridges } from '../migrations/0005-several-bridges';

const retryMs = 200;

/**
 * The version of the schema; undefined where it has no tables at all, or is not there.
 * @throws LedgerRefusedError where it is somebody else's, or was written by a newer bridge
 */
export async function readPostgresVersion({ address, use }: PostgresPool): Promise<number | undefined> {
  return use((client) => readVersion(client, address));
}

async function readVersion(client: PoolClient, address: PostgresAddress): Promise<number | undefined> {
  const { rows } = await client.query<{ name: string }>(
    'select tablename::text as name from pg_tables where schemaname = $1',
    [address.schema],
  );
  // A first start that was cut off has made nothing else.
  if (rows.every(({ name }) => name === 'commit_mark')) return undefined;
  if (rows.some(({ name }) => name === 'ledger_move')) {
    throw new LedgerRefusedError(
      `At ${address.name} there is half of a ledger: its move there was not finished. Run the same "mft-bridge ledger migrate" again, or drop that schema.`,
    );
  }
  if (!rows.some(({ name }) => name === 'schema_version')) {
    throw new LedgerRefusedError(
      `${address.name} holds tables, but no ledger of this bridge. Name a schema of its own in ledger.postgres.schema.`,
    );
  }
  return checkSchema(client, address.name);
}

/**
 * Brings the schema up to the version that this program knows, each migration in a transaction of its own. One program does at
 * a time; bridges that know an older version may go on meanwhile where what is added means nothing to them.
 * @returns whether there was a ledger before
 * @throws LedgerRefusedError
 */
export async function migratePostgres(
  pool: PostgresPool,
  options: MigrateOptions,
  migrations = allMigrations,
): Promise<boolean> {
  const { address, use } = pool;
  const { logger } = options;
  const lock = `${String(ledgerLock(address.schema))}, 3`;
  return use(async (client) => {
    await takeTurn(client, lock, logger);
    try {
      const version = await readVersion(client, address);
      const missing = migrations.filter((candidate) => candidate.version > (version ?? 0));
      if (version === undefined) {
        await makeSchema(client, address.schema);
        // By what a COMMIT without an answer is asked about; a file needs none.
        await client.query(
          'create table if not exists commit_mark (slot text primary key, program text not null)',
        );
      }
      const steps = { client, address, version: version ?? 0, missing, options };
      for (const migration of missing) {
        await migrateBeside(steps, migration);
        logger?.info({ schema: migration.version, migration: migration.name }, 'ledger migrated');
      }
      return version !== undefined;
    } finally {
      await client.query(`select pg_advisory_unlock(${lock})`).catch(() => undefined);
    }
  });
}

/** Not by waiting in the server, which gives up after its lock_timeout: the other one may be waiting for a member itself. */
async function takeTurn(client: PoolClient, lock: string, logger: MigrateOptions['logger']): Promise<void> {
  for (let told = false; ; told = true) {
    const { rows } = await client.query<{ free: number }>(`select pg_try_advisory_lock(${lock}) as free`);
    if (rows[0]?.free === 1) return;
    if (!told) logger?.info({}, 'another bridge brings the ledger up to date; it is waited for');
    await sleep(retryMs);
  }
}

export interface MigrateOptions {
  /** Epoch ms. */
  readonly now: () => number;
  readonly logger?: Pick<Logger, 'info'>;
  /** How often members of this ledger say that they are there; the usual times where this bridge is none of them. */
  readonly several?: MemberTimes | undefined;
}

interface Steps {
  readonly client: PoolClient;
  readonly address: PostgresAddress;
  /** Before the first of them; 0 where there was nothing. */
  readonly version: number;
  readonly missing: readonly Migration[];
  readonly options: MigrateOptions;
}

/** The usual of `ledger.postgres.beat` and `.lease`. */
const usualTimes: MemberTimes = { beatMs: 10_000, leaseMs: 30_000 };

/** Makes one migration, in a transaction in which nobody joins. */
async function migrateBeside(
  { client, address, version, missing, options }: Steps,
  migration: Migration,
): Promise<void> {
  const { now, logger, several = usualTimes } = options;
  const db = createPostgresCompiler();
  const silence = createSilentMembers(address.schema, { ...several, monotonic: () => performance.now() });
  const mayHaveMembers = version >= severalBridges.version;
  await untilHeardOrGone(
    { address, use: (body) => body(client) },
    async () => {
      if (mayHaveMembers) {
        await client.query(`select pg_advisory_xact_lock(${String(ledgerLock(address.schema))}, 2)`);
        // Of all that are to be made: none is begun where one of the later ones will be refused.
        const silent = await refuseBeside(client, address, { version, missing, silence });
        if (silent.length > 0) return { silent };
      }
      for (const { sql, parameters } of [...migration.statements(db), markMigrated(db, migration, now())])
        await runStatement(client, { sql, parameters });
      return { result: undefined };
    },
    (silent) =>
      logger?.info(
        { peer: silent.map(({ name }) => name).join(', ') },
        'a bridge that could not work with the new tables is not heard of; it is waited until it comes back or is removed',
      ),
  );
}

/**
 * Bridges that share the ledger may not know what a migration is about to change under them.
 * @returns those that are not heard of, and not removed yet
 * @throws LedgerRefusedError where one is heard of
 */
async function refuseBeside(
  client: PoolClient,
  { name }: PostgresAddress,
  { version, missing, silence }: Pick<Steps, 'version' | 'missing'> & { silence: SilentMembers },
): Promise<readonly MemberRow[]> {
  const { heard, silent } = await silence.look(client, (member) =>
    missing.some(({ usableFrom }) => usableFrom === undefined || usableFrom > member.schema),
  );
  if (heard.length === 0) return silent;
  throw new LedgerRefusedError(
    `The ledger at ${name} is of schema ${version} and would be brought to ${missing.at(-1)?.version ?? version}, which ${heard.map((member) => `bridge ${member.name} (version ${member.program})`).join(' and ')} cannot work with. Stop all bridges of this ledger, then start the new version. One that was killed counts for half a minute more.`,
  );
}

/** One that an administrator made before needs no right to make it. */
async function makeSchema(client: PoolClient, schema: string): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_namespace where nspname = $1', [schema]);
  if (rowCount === 0) await client.query(`create schema "${schema.replaceAll('"', '""')}"`);
}

/** @throws LedgerRefusedError where a table may not be read and written */
export async function checkRights({ address, use }: PostgresPool, rights: 'read' | 'write'): Promise<void> {
  const wanted = rights === 'read' ? ['SELECT'] : ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];
  const { rows } = await use((client) =>
    client.query<{ name: string; right: string }>(
      `select tablename::text as name, privilege as right from pg_tables, unnest($2::text[]) as privilege
       where schemaname = $1 and not has_table_privilege(format('%I.%I', schemaname, tablename), privilege)`,
      [address.schema, wanted],
    ),
  );
  const [missing] = rows;
  if (missing === undefined) return;
  throw new LedgerRefusedError(
    `The user of ledger.postgres.url may not ${missing.right} in ${missing.name} of ${address.name}. GRANT ${wanted.join(', ')} ON ALL TABLES IN SCHEMA ${address.schema}, or let the user own them.`,
  );
}
