import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { backupLedger } from '../backup-ledger';
import type { PostgresTarget } from '../postgres/postgres-address';
import { openPostgresLedger } from '../postgres/postgres-ledger';
import { runSql } from '../postgres/test/temporary-postgres-ledger';
import { describeWithPostgres, testServer } from '../postgres/test/test-server';
import { restoreLedger } from '../restore-ledger';
import { openSqliteLedger } from '../sqlite-ledger';
import { draw, legalChange } from '../test/random-change';
import { sampleMessage, taking } from '../test/sample-message';
import type { Finding } from '../verify/finding';
import { verifyPostgresLedger } from '../verify/verify-postgres-ledger';
import { moveFixture } from './test/move-fixture';

jest.setTimeout(120_000);

const now = (): number => 50_000;

describeWithPostgres('moving a ledger to PostgreSQL', () => {
  const server = testServer();
  const fixture = moveFixture(server, now);
  const { moveIt, inFile, fill, rowsOfBoth } = fixture;
  let directory: string;
  let file: string;
  let sealFile: string;
  let target: PostgresTarget;
  let steps: readonly string[];
  beforeEach(() => {
    ({ directory, file, sealFile, target, steps } = fixture.places());
  });

  /** But for tables in which a move changes something. */
  function expectSame(
    { file: kept, server: copied }: { file: unknown; server: unknown },
    but: readonly string[],
  ): void {
    const rest = (tables: unknown): object =>
      Object.fromEntries(Object.entries(tables as object).filter(([name]) => !but.includes(name)));
    expect(Object.keys(rest(copied)).length).toBeGreaterThan(8);
    expect(rest(copied)).toEqual(rest(kept));
  }

  test('every row is there, nobody holds work, and the bridge starts there and not here any more', async () => {
    await fill();
    const before = readFileSync(file);
    const { to, rows } = await moveIt();
    expect(to).toContain(target.schema);
    expect(rows.get('message')).toBe(12);
    expect(rows.get('skipped')).toBe(1);
    expect(readFileSync(file).equals(before)).toBe(true);

    const both = await rowsOfBoth();
    const moved = both.server as Record<string, string[]>;
    const kept = both.file as Record<string, string[]>;
    // What the old process held is free: it cannot come back.
    const free = (row: string): string => row.replace(/"lease_until":\d+/, '"lease_until":0');
    expect(kept['due']?.filter((row) => !row.includes('"lease_until":0')).length).toBeGreaterThan(0);
    const setting = moved['setting']?.filter((row) => !row.includes('moved-from'));
    const failure = kept['intake_failure']?.map((row) => row.replace('2.5', '3'));
    expect({ ...moved, setting }).toEqual({
      ...kept,
      due: kept['due']?.map(free).sort(),
      intake_failure: failure,
    });

    const findings: Finding[] = [];
    await verifyPostgresLedger(target, { now, onFinding: (found) => void findings.push(found) });
    expect(findings).toEqual([]);
    const opened = await openPostgresLedger({ ...target, now });
    expect(opened.existed).toBe(true);
    expect(await opened.ledger.settings.get('ledger-id')).toBe('abc');
    expect([...(await opened.ledger.skipped.list(10))]).toEqual(['<old\u0000@acme>']);
    await opened.ledger.close();
    await expect(openSqliteLedger({ file, now })).rejects.toThrow(
      /was moved to PostgreSQL at .* on 1970-01-01T00:00:50.000Z: name that server in ledger.postgres.*To go back/,
    );
    // Said once more it only confirms.
    expect((await moveIt()).rows.size).toBe(0);
  });

  test('whatever was written: the copy is the same', async () => {
    await inFile(async (ledger) => {
      const drawn = fc.sample(
        fc.record({
          attachments: fc.nat(3),
          steps: fc.array(fc.array(draw, { minLength: 1, maxLength: 3 }), { maxLength: 6 }),
        }),
        60,
      );
      for (const [index, { attachments, steps: changes }] of drawn.entries()) {
        const sample = sampleMessage(`r${index}`, { attachments });
        await ledger.commit(taking(sample));
        let { message } = sample;
        for (const draws of changes) {
          const change = legalChange(message, draws);
          if (change === undefined) continue;
          await ledger.commit(change);
          message = change.after;
        }
      }
      while ((await ledger.seals.seal(9)) !== undefined);
    });
    // What is drawn cares for no evidence, which is a finding in both.
    const found: string[] = [];
    await moveIt({ withFindings: true, onFinding: ({ check }) => void found.push(check) });
    expect(found.filter((check) => check !== 'evidence')).toEqual([]);
    const both = await rowsOfBoth();
    expectSame(both, ['setting', 'due', 'delivery']);
  });

  test('broken off at every third step and run again it ends right', async () => {
    await fill();
    await moveIt({ target: { ...target, schema: `${target.schema}_whole` } }).catch(() => undefined);
    runSql(
      server.url,
      'public',
      `set client_min_messages = warning; drop schema ${target.schema}_whole cascade`,
    );
    rmSync(`${file}.moved`);
    const wanted = steps.length;
    for (let stop = 1; stop <= wanted; stop += 3) {
      let left = stop;
      const broken = moveIt({
        onStep: () => {
          left -= 1;
          if (left === 0) throw new Error('broken off');
        },
      });
      await expect(broken).rejects.toThrow('broken off');
      if (!existsSync(`${file}.moved`)) continue;
      // Neither of both is a ledger for a bridge.
      await expect(openPostgresLedger({ ...target, now })).rejects.toThrow(/half of a ledger/);
      await expect(openSqliteLedger({ file, now })).rejects.toThrow(/that was not finished. Run the same/);
    }
    expect((await moveIt()).rows.get('event')).toBe(12);
    expect(wanted).toBeGreaterThan(10);
  });

  test('kill -9 at any instant and run again it ends right', async () => {
    await fill(150);
    const child = (): ReturnType<typeof spawn> =>
      spawn(
        process.execPath,
        [
          '--import',
          'tsx',
          join(__dirname, '../test/moving-child.ts'),
          file,
          sealFile,
          target.url,
          target.schema,
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
    // Killed as soon as it says its nth step: from the first look at the file to the last at the copy.
    for (const said of [3, 14, 27]) {
      const running = child();
      let lines = 0;
      const reached = new Promise<void>((resolve) => {
        running.stdout?.on('data', (text: Buffer) => {
          lines += text.toString().split('\n').length - 1;
          if (lines >= said) resolve();
        });
        running.once('close', () => resolve());
      });
      await reached;
      running.kill('SIGKILL');
      if (running.exitCode === null && running.signalCode === null) await once(running, 'close');
    }
    const { rows } = await moveIt();
    expect([150, undefined]).toContain(rows.get('message'));
    const both = await rowsOfBoth();
    expectSame(both, ['setting', 'due', 'intake_failure']);
  });

  test('back again: what may have been sent from there is held', async () => {
    await fill(3);
    await moveIt();
    const backup = join(directory, 'backup.sqlite');
    await backupLedger(file, backup);
    const options = { file, backup, custodyOf: 'abc', sealFile, now };
    await expect(restoreLedger({ ...options, mode: 'unchanged' })).rejects.toThrow(
      /was moved to PostgreSQL at .* Use --after-restore/,
    );
    expect(await restoreLedger({ ...options, mode: 'after-restore' })).toMatchObject({ held: 3 });
    await inFile(async (ledger) => {
      expect(await ledger.messages.countByState()).toEqual({ held: 3 });
    });
  });
});
