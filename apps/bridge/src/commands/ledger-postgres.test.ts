/** What the commands about the ledger do and say where it is on PostgreSQL, or goes there. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { openPostgresLedger } from '../ledger/postgres/postgres-ledger';
import { newSchema, runSql } from '../ledger/postgres/test/temporary-postgres-ledger';
import { describeWithPostgres, testServer } from '../ledger/postgres/test/test-server';
import { openSealer } from '../ledger/sealer';
import { openSqliteLedger } from '../ledger/sqlite-ledger';
import { sampleMessage, taking } from '../ledger/test/sample-message';
import { registerLedger } from './ledger';

jest.setTimeout(120_000);

const now = (): number => 100_000;
const log = { info: () => undefined, error: () => undefined };

describeWithPostgres('the ledger on PostgreSQL', () => {
  const server = testServer();
  let directory: string;
  let data: string;
  let inFile: string;
  let onServer: string;
  let schema: string;

  const configuration = (
    ledger: string,
  ): string => `gateway: { auth: { username: u, password: { env: PASSWORD } }, stations: [HUB] }
scanner: { baseUrl: "https://scanner.example", auth: { apiKey: { env: KEY } } }
intake: { startFrom: 2026-01-31 }
destinations: { archive: { kind: folder, directory: out } }
routes: [{ name: all, destinations: [archive] }]
web: { private: { token: { env: TOKEN } } }
${ledger}`;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ledger-command-'));
    data = join(directory, '.mft-bridge');
    inFile = join(directory, 'bridge.yaml');
    onServer = join(directory, 'server.yaml');
    schema = newSchema();
    writeFileSync(inFile, configuration(''));
    writeFileSync(
      onServer,
      configuration(
        `ledger: { postgres: { url: { env: LEDGER_URL }, tls: off, schema: ${schema}, singleNode: true } }\n`,
      ),
    );
  });
  afterEach(() => {
    runSql(
      server.url,
      'public',
      `set client_min_messages = warning; drop schema if exists ${schema} cascade`,
    );
    rmSync(directory, { recursive: true, force: true });
  });

  async function run(...args: string[]): Promise<{ out: string; err: string; code: number }> {
    const result = { out: '', err: '', code: 0 };
    const context = {
      stdout: { write: (text: string) => void (result.out += text) },
      stderr: { write: (text: string) => void (result.err += text) },
      env: { LEDGER_URL: server.url },
      now,
      setExitCode: (code: number) => void (result.code = code),
      endWithin: () => undefined,
    };
    const program = new Command('mft-bridge').exitOverride();
    registerLedger(program, context);
    await program.parseAsync(['ledger', ...args], { from: 'user' });
    return result;
  }

  const target = (): Parameters<typeof openPostgresLedger>[0] => ({
    url: server.url,
    tls: 'off',
    ca: null,
    schema,
    now,
  });

  async function fillFile(): Promise<void> {
    const ledger = await openSqliteLedger({ file: join(data, 'ledger.sqlite'), now });
    const sealer = await openSealer({ ledger, file: join(data, 'seals.jsonl'), intervalMs: 5_000, now, log });
    const { message, ...rest } = sampleMessage('m');
    // Not to be looked for in custody.
    await ledger.commit(taking({ ...rest, message: { ...message, bytesRemoved: true } }));
    await sealer.stop();
    await ledger.close();
  }

  test('verify says the same as of a file, with the same exit codes', async () => {
    const { ledger } = await openPostgresLedger(target());
    await ledger.commit(taking(sampleMessage('m')));
    await ledger.close();
    runSql(server.url, schema, 'update message set bytes_removed = 1');
    const found = await run('verify', '--config', onServer);
    expect(found).toMatchObject({ code: 1, err: '' });
    expect(found.out).toMatch(
      /^history: message m-7: .*bytesRemoved differ.*\n {2}The ledger was written by/,
    );
    runSql(server.url, schema, 'update message set legal_hold = 0');
    const json = await run('verify', '--json', '--config', onServer);
    const lines = json.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toMatchObject([{ check: 'history' }, { messages: 1, events: 1, findings: 1 }]);
  });

  test('verify without the URL says what is missing', async () => {
    writeFileSync(onServer, readFileSync(onServer, 'utf8').replace('LEDGER_URL', 'NO_SUCH_VARIABLE'));
    expect(await run('verify', '--config', onServer)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/URL of the ledger could not be read. Set the variable/),
    });
  });

  test('backup and restore say who does that, and what to do afterwards', async () => {
    for (const args of [
      ['backup', 'x'],
      ['restore', 'x', '--after-restore'],
    ]) {
      const { err, code } = await run(...args, '--config', onServer);
      expect(code).toBe(1);
      expect(err).toMatch(
        /Its server backs it up .* docs\/failover.md .* "mft-bridge ledger after-restore" before any/,
      );
    }
    expect(await run('after-restore', '--config', inFile)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/is the file .* "mft-bridge ledger restore FILE --after-restore"/),
    });
  });

  test('after-restore holds what is unfinished, and sets the exported seals aside', async () => {
    expect((await run('after-restore', '--config', onServer)).err).toMatch(
      /There is no ledger at .* nothing was restored/,
    );
    const { ledger } = await openPostgresLedger(target());
    await ledger.commit(taking(sampleMessage('m')));
    await ledger.seals.seal(1);
    expect(await run('after-restore', '--config', onServer)).toMatchObject({
      code: 1,
      err: expect.stringContaining('another bridge writes it'),
    });
    await ledger.close();
    const seals = join(data, 'seals.jsonl');
    await openSqliteLedger({ file: join(data, 'x.sqlite'), now }).then((other) => other.close());
    writeFileSync(seals, 'those of the state that was replaced');
    const { out, err, code } = await run('after-restore', '--config', onServer);
    expect({ err, code }).toEqual({ err: '', code: 0 });
    expect(out).toMatch(/1 messages are held, 0 deliveries are searched for/);
    expect(out).toContain(`on each other machine that ran a bridge, move ${seals} away`);
    expect(existsSync(seals)).toBe(false);
    expect((await run('verify', '--config', onServer)).out).not.toMatch(/work:|state:|history:/);
  });

  test('migrate moves the ledger to where another configuration has it', async () => {
    await fillFile();
    const { out, err, code } = await run('migrate', '--to', onServer, '--config', inFile, '--with-findings');
    expect(code).toBe(0);
    expect(err).toMatch(/^checking .*\ncopying message\n/);
    expect(out).toMatch(/Counted and compared:\n {2}message: 1 rows\n/);
    expect(out).toMatch(/was left as it is; no bridge starts on it any more/);
    expect(out).toMatch(/Configure ledger.postgres \(schema: ledger_\w+\) in the place of ledger.file/);
    expect((await run('verify', '--config', onServer)).out).toContain('1 messages, 1 events, 1 seals');
    expect((await run('migrate', '--to', onServer, '--config', inFile)).out).toMatch(/was at .* already/);
  });

  test('migrate moves it to a URL, whose password is nowhere to be read', async () => {
    await fillFile();
    const url = server.url.replace('ledger@', 'ledger:canary-password@');
    const args = ['--to', url, '--tls', 'off', '--schema', schema, '--config', inFile];
    const refused = await run('migrate', ...args);
    expect(refused).toMatchObject({
      code: 1,
      err: expect.stringMatching(/findings in .* say --with-findings/),
    });
    const { out, err } = await run('migrate', ...args, '--with-findings');
    expect(out).toContain('The ledger is at 127.0.0.1:');
    expect(`${out}${err}${readFileSync(`${join(data, 'ledger.sqlite')}.moved`, 'utf8')}`).not.toContain(
      'canary',
    );
  });

  test.each([
    [['--to', 'SERVER', '--schema', 'x'], /belong to a URL; a configuration file says them itself/],
    [['--to', 'FILE'], /it has no ledger.postgres/],
    [['--to', 'postgres://u@127.0.0.1:1/d', '--tls', 'off'], /There is no ledger at/],
  ])('migrate %p is refused', async (args, sentence) => {
    const names: Readonly<Record<string, string>> = { SERVER: onServer, FILE: inFile };
    const { err, code } = await run('migrate', ...args.map((arg) => names[arg] ?? arg), '--config', inFile);
    expect(code).toBe(1);
    expect(err).toMatch(sentence);
  });

  test('migrate from a server is refused', async () => {
    expect((await run('migrate', '--to', onServer, '--config', onServer)).err).toMatch(
      /is on PostgreSQL already/,
    );
  });

  test('migrate to a configuration with custody elsewhere copies the bytes, once', async () => {
    const ledger = await openSqliteLedger({ file: join(data, 'ledger.sqlite'), now });
    const sample = sampleMessage('m');
    const attachments = sample.message.attachments.map((attachment, index) => ({
      ...attachment,
      custodyKey: String(index).repeat(32),
    }));
    await ledger.commit(taking({ ...sample, message: { ...sample.message, attachments } }));
    await ledger.settings.set('ledger-id', 'this-ledger');
    await ledger.close();
    const objects = join(data, 'custody', 'objects');
    for (const { custodyKey: key } of attachments) {
      mkdirSync(join(objects, key.slice(0, 2)), { recursive: true });
      writeFileSync(join(objects, key.slice(0, 2), key), `sealed ${key}`);
    }
    const shared = join(directory, 'shared');
    const elsewhere = join(directory, 'elsewhere.yaml');
    writeFileSync(
      elsewhere,
      `${readFileSync(onServer, 'utf8').replace(', singleNode: true', '')}custody: { directory: ./shared, shared: true }\n`,
    );
    // Those of another ledger are there: nothing is mixed, and the move goes on once they are gone.
    mkdirSync(shared);
    writeFileSync(join(shared, 'ledger.json'), '{"ledger":"other"}');
    expect((await run('migrate', '--to', elsewhere, '--config', inFile)).err).toMatch(
      /shared custody directory .* belongs to another ledger. Name an empty one in custody.directory/,
    );
    rmSync(join(shared, 'ledger.json'));
    const { out, code } = await run('migrate', '--to', elsewhere, '--config', inFile);
    expect(code).toBe(0);
    expect(out).toMatch(/Custody: 2 objects \(\d+ bytes sealed\) are in .*shared and were read back/);
    expect(readFileSync(join(shared, 'objects', '11', '1'.repeat(32)), 'utf8')).toBe(
      `sealed ${'1'.repeat(32)}`,
    );
    expect(readFileSync(join(shared, 'ledger.json'), 'utf8')).toContain('this-ledger');
    expect((await run('verify', '--config', elsewhere)).out).toMatch(/^ok: 1 messages/);
  });
});
