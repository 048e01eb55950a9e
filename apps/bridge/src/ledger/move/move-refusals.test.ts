import { existsSync, rmSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { PostgresTarget } from '../postgres/postgres-address';
import { openPostgresLedger } from '../postgres/postgres-ledger';
import { newSchema, runSql } from '../postgres/test/temporary-postgres-ledger';
import { describeWithPostgres, testServer } from '../postgres/test/test-server';
import { openSqliteLedger } from '../sqlite-ledger';
import { sampleMessage, taking } from '../test/sample-message';
import type { Finding } from '../verify/finding';
import { moveFixture } from './test/move-fixture';

jest.setTimeout(120_000);

const now = (): number => 50_000;

describeWithPostgres('moving a ledger to PostgreSQL', () => {
  const server = testServer();
  const fixture = moveFixture(server, now);
  const { moveIt, inFile, fill } = fixture;
  let file: string;
  let target: PostgresTarget;
  beforeEach(() => {
    ({ file, target } = fixture.places());
  });

  describe('is refused', () => {
    test('while a bridge runs on the file', async () => {
      await fill(1);
      const ledger = await openSqliteLedger({ file, now });
      await expect(moveIt()).rejects.toThrow(/another bridge writes it. Stop that one first/);
      await ledger.close();
      expect(existsSync(`${file}.moved`)).toBe(false);
    });

    test('while a bridge runs on the server', async () => {
      await fill(1);
      const { ledger } = await openPostgresLedger({ ...target, now });
      await expect(moveIt()).rejects.toThrow(/another bridge writes it/);
      await ledger.close();
    });

    test('where there is a ledger, or something else', async () => {
      await fill(1);
      const { ledger } = await openPostgresLedger({ ...target, now });
      await ledger.commit(taking(sampleMessage('theirs')));
      await ledger.close();
      await expect(moveIt()).rejects.toThrow(/There is a ledger at .* already, and two cannot become one/);
      const foreign = newSchema();
      runSql(server.url, 'public', `create schema ${foreign}; create table ${foreign}.shop (id int)`);
      await expect(moveIt({ target: { ...target, schema: foreign } })).rejects.toThrow(
        /no ledger of this bridge/,
      );
      runSql(server.url, 'public', `set client_min_messages = warning; drop schema ${foreign} cascade`);
      // Nothing of this hinders the bridge in the old place.
      await inFile(async ({ messages }) => expect(await messages.countByState()).toEqual({ scanning: 1 }));
    });

    test("where half of another ledger's move is", async () => {
      await fill(1);
      await expect(
        moveIt({
          onStep: (text) => {
            if (text.startsWith('copying due')) throw new Error('broken off');
          },
        }),
      ).rejects.toThrow('broken off');
      rmSync(`${file}.moved`);
      await expect(moveIt({ newId: () => 'another-move' })).rejects.toThrow(
        /half of another move, or of one that was given up/,
      );
      // Half a move is not begun anew somewhere else.
      writeFileSync(
        `${file}.moved`,
        JSON.stringify({ id: 'this-move', to: 'elsewhere', at: 1, state: 'moving' }),
      );
      await expect(moveIt({ target: { ...target, schema: newSchema() } })).rejects.toThrow(
        /is being moved to PostgreSQL at elsewhere/,
      );
    });

    test('where something does not hold, unless that is accepted', async () => {
      await fill(2);
      const database = new Database(file);
      database.exec(`update message set legal_hold = 1 where id = (select min(id) from message)`);
      database.close();
      const found: string[] = [];
      const onFinding = ({ check }: Finding): void => void found.push(check);
      await expect(moveIt({ onFinding })).rejects.toThrow(/1 findings in .* say --with-findings/);
      expect(found).toEqual(['history']);
      expect(existsSync(`${file}.moved`)).toBe(false);
      const lost = (): Promise<boolean> => Promise.resolve(false);
      const { rows } = await moveIt({ onFinding, withFindings: true, hasObject: lost });
      expect(rows.get('message')).toBe(2);
    });

    test('where the copy turns out otherwise', async () => {
      await fill(2);
      let altered = false;
      const onStep = (text: string): void => {
        if (altered || !text.startsWith('comparing')) return;
        altered = true;
        runSql(
          server.url,
          target.schema,
          `update obligation set place = 'held' where id = (select min(id) from obligation)`,
        );
      };
      await expect(moveIt({ onStep })).rejects.toThrow(/The copy of table obligation at .* differs/);
      await expect(openPostgresLedger({ ...target, now })).rejects.toThrow(/half of a ledger/);
    });

    test('with a mark that was altered', async () => {
      await fill(1);
      writeFileSync(`${file}.moved`, 'gone');
      await expect(moveIt()).rejects.toThrow(/it was altered. Find out where the ledger is in use now/);
      await expect(openSqliteLedger({ file, now })).rejects.toThrow(/it was altered/);
    });
  });
});
