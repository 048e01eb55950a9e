import type pg from 'pg';
import { checkUsable, schemaFacts } from '../schema-version';
import { knownVersion } from '../schema-version';

/**
 * The version of a ledger whose tables are there.
 * @throws LedgerRefusedError where a newer program wrote it, and this one could not work with it
 */
export async function checkSchema(client: pg.ClientBase, name: string): Promise<number> {
  const { rows } = await client.query<{ version: number | null }>(schemaFacts.version);
  const version = rows[0]?.version ?? 0;
  if (version > knownVersion) {
    const newer = await client.query<{ usable_from: number | null }>(schemaFacts.newer);
    checkUsable(`at ${name}`, version, newer.rows);
  }
  return version;
}
