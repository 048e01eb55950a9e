/*
 * What the embedded ledger is held against, on PostgreSQL: the very same tests, over another ledger.
 * What is about SQLite's file, its thread or its query plans is not among them.
 */
import type { TemporaryLedger } from '../../test/temporary-ledger';
import { openTemporaryPostgresLedger } from './temporary-postgres-ledger';
import { describeWithPostgres, testServer } from './test-server';

const mockOpen = (): Promise<TemporaryLedger> => openTemporaryPostgresLedger(server.url);
jest.mock('../../test/temporary-ledger', () => ({
  ...jest.requireActual<object>('../../test/temporary-ledger'),
  openTemporaryLedger: () => mockOpen(),
}));
// Opening and dropping a schema takes longer than a file.
jest.setTimeout(240_000);

let server: { readonly url: string };

describeWithPostgres('on PostgreSQL', () => {
  server = testServer();

  describe.each(['commit', 'due-work', 'fair-claims', 'hasten', 'list-messages', 'notes', 'retention'])(
    '%s',
    (suite) => {
      jest.requireActual(`../../test/${suite}.test`);
    },
  );
});
