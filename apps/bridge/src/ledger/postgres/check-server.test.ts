import type { ClientBase } from 'pg';
import { checkServer } from './check-server';
import type { PostgresAddress } from './postgres-address';

const address: PostgresAddress = {
  host: 'database',
  port: 5432,
  user: 'ledger',
  password: '',
  database: 'ledger',
  ssl: false,
  schema: 's',
  name: 'database:5432/ledger (schema s)',
};

const facts = {
  version: 140_001,
  release: '14.1',
  fsync: 'on',
  commit: 'on',
  encoding: 'UTF8',
  standby: 0,
};

/** A server that answers so; one answer for each statement of the text. */
function check(changes: Partial<typeof facts> | null): Promise<void> {
  const rows = changes === null ? [] : [{ ...facts, ...changes }];
  const client = { query: () => Promise.resolve([{ rows: [] }, { rows }]) };
  return checkServer(client as unknown as ClientBase, address);
}

test.each([
  [
    { version: 130_012, release: '13.12' },
    /at database:5432.* is version 13\.12; .* needs 14 or newer\. Upgrade/,
  ],
  [{ fsync: 'off' }, /runs with fsync=off: .*Set fsync=on and restart it/],
  [{ commit: 'off' }, /runs with synchronous_commit=off: .*ALTER ROLE/],
  [{ encoding: 'LATIN1' }, /keeps this database as LATIN1; .*ENCODING 'UTF8'/],
  [{ standby: 1 }, /is a standby and takes no writes\. Let the URL name the primary/],
  [null, /What answers at database:5432.* is no PostgreSQL/],
])('%j is refused', async (changes, sentence) => {
  await expect(check(changes)).rejects.toThrow(sentence);
});

test.each([{}, { version: 180_000 }, { commit: 'remote_apply' }, { commit: 'local' }])(
  '%j will do',
  async (changes) => {
    await expect(check(changes)).resolves.toBeUndefined();
  },
);
