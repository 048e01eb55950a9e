import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Command } from 'commander';
import { openKeyRing } from '../custody/key-ring';
import { openSealer } from '../ledger/sealer';
import { openSqliteLedger } from '../ledger/sqlite-ledger';
import { sampleMessage, taking } from '../ledger/test/sample-message';
import { registerKey } from './key';
import { registerLedger } from './ledger';

let directory: string;
let data: string;
let file: string;
const now = (): number => 100_000;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ledger-command-'));
  data = join(directory, '.mft-bridge');
  file = join(directory, 'bridge.yaml');
  // Secrets are not there: none of these commands needs one.
  writeFileSync(
    file,
    `gateway: { auth: { username: u, password: { env: PASSWORD } }, stations: [HUB] }
scanner: { baseUrl: "https://scanner.example", auth: { apiKey: { env: KEY } } }
intake: { startFrom: 2026-01-31 }
destinations: { archive: { kind: folder, directory: out } }
routes: [{ name: all, destinations: [archive] }]
web: { private: { token: { env: TOKEN } } }
`,
  );
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ out: string; err: string; code: number }> {
  const result = { out: '', err: '', code: 0 };
  const context = {
    stdout: { write: (text: string) => void (result.out += text) },
    stderr: { write: (text: string) => void (result.err += text) },
    env: {},
    now,
    setExitCode: (code: number) => void (result.code = code),
    endWithin: () => undefined,
  };
  const program = new Command('mft-bridge');
  registerLedger(program, context);
  registerKey(program, context);
  await program.parseAsync([...args, '--config', file], { from: 'user' });
  return result;
}

/** A ledger with one message, whose objects are in custody, and its seals. */
async function fill(): Promise<void> {
  const ledger = await openSqliteLedger({ file: join(data, 'ledger.sqlite'), now });
  const sample = sampleMessage('m');
  const attachments = sample.message.attachments.map((attachment, index) => ({
    ...attachment,
    custodyKey: String(index).repeat(32),
  }));
  const log = { info: () => undefined, error: () => undefined };
  const sealer = await openSealer({ ledger, file: join(data, 'seals.jsonl'), intervalMs: 5_000, now, log });
  await ledger.commit(taking({ ...sample, message: { ...sample.message, attachments } }));
  await sealer.stop();
  await ledger.close();
  for (const { custodyKey: key } of attachments) {
    const folder = join(data, 'custody', 'objects', key.slice(0, 2));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, key), 'sealed');
  }
}

function tamper(sql: string): void {
  const database = new Database(join(data, 'ledger.sqlite'));
  database.exec(sql);
  database.close();
}

describe('ledger verify', () => {
  test('says ok and what it looked at', async () => {
    await fill();
    expect(await run('ledger', 'verify')).toEqual({
      out: 'ok: 1 messages, 1 events, 1 seals\n',
      err: '',
      code: 0,
    });
    const { out } = await run('ledger', 'verify', '--json');
    expect(JSON.parse(out)).toMatchObject({ messages: 1, events: 1, seals: 1, findings: 0 });
  });

  test('names each finding with its message and what to do, and ends with 1', async () => {
    await fill();
    rmSync(join(data, 'custody', 'objects', '11'), { recursive: true });
    tamper(`update message set partner = 'EVIL', state = 'held'`);
    const { out, code } = await run('ledger', 'verify');
    expect(code).toBe(1);
    expect(out).toMatch(
      /^state: message m-7: the row says held, its obligations say scanning\n {2}The ledger was written by something else/,
    );
    expect(out).toMatch(
      /custody: message m-7: object 1{32} .* is missing from custody\n {2}Put the object back/,
    );
    expect(out).toMatch(/\n2 findings in 1 messages, 1 events, 1 seals\n$/);
    const json = await run('ledger', 'verify', '--json');
    const lines = json.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toMatchObject([
      { check: 'state', messageId: 'm-7' },
      { check: 'custody' },
      { findings: 2 },
    ]);
    expect(json.code).toBe(1);
  });

  test('compares with the seals in the data directory, or with those of a file', async () => {
    await fill();
    const seals = join(data, 'seals.jsonl');
    const kept = join(directory, 'kept.jsonl');
    writeFileSync(kept, readFileSync(seals));
    expect((await run('ledger', 'verify', '--seals', kept)).code).toBe(0);
    writeFileSync(seals, readFileSync(seals, 'utf8').replace('"events":1', '"events":2'));
    expect((await run('ledger', 'verify')).out).toContain(
      'seal 1 in the seal file is not the one in the ledger',
    );
    const none = await run('ledger', 'verify', '--seals', join(directory, 'none.jsonl'));
    expect(none).toMatchObject({ code: 1, err: expect.stringContaining('There are no seals at') });
  });

  test('without a ledger says so', async () => {
    expect(await run('ledger', 'verify')).toMatchObject({
      code: 1,
      err: expect.stringContaining('There is no ledger at'),
    });
  });
});

describe('ledger backup and restore', () => {
  test('there and back', async () => {
    await fill();
    const backup = join(directory, 'backup.sqlite');
    const made = await run('ledger', 'backup', backup);
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(made.out).toMatch(/Neither the key file \(.*\) nor custody \(.*\) is in it/);
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    expect(await run('ledger', 'backup', backup)).toMatchObject({
      code: 1,
      err: expect.stringContaining('never overwrites'),
    });

    const restored = await run('ledger', 'restore', backup, '--after-restore');
    expect(restored).toMatchObject({ code: 0, err: '' });
    expect(restored.out).toMatch(
      /The one before it is .*replaced-.*\n1 messages are held, 0 deliveries are searched for/,
    );
    expect(await run('ledger', 'verify')).toMatchObject({ code: 0 });
  });

  test.each([[[]], [['--after-restore', '--unchanged']]])(
    'has to be told which of both: %p',
    async (options) => {
      await fill();
      const backup = join(directory, 'backup.sqlite');
      await run('ledger', 'backup', backup);
      const { code, err, out } = await run('ledger', 'restore', backup, ...options);
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(
        /Say one of two things. --after-restore: .* so that nothing is sent twice. --unchanged:/,
      );
      expect(await run('ledger', 'verify')).toMatchObject({ code: 0 });
    },
  );

  test('refused while a bridge runs', async () => {
    await fill();
    const backup = join(directory, 'backup.sqlite');
    await run('ledger', 'backup', backup);
    const ledger = await openSqliteLedger({ file: join(data, 'ledger.sqlite'), now });
    const refused = await run('ledger', 'restore', backup, '--after-restore');
    await ledger.close();
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('another bridge writes it') });
  });
});

describe('key rotate', () => {
  test('adds a key and says that the file must be backed up', async () => {
    const path = join(data, 'custody-key.json');
    const { ring } = await openKeyRing({ path, holdsData: false, now });
    const { out, code } = await run('key', 'rotate');
    const rotated = await openKeyRing({ path, holdsData: true, now });
    expect(code).toBe(0);
    expect(out).toContain(`Key ${rotated.ring.newest.id} was added to ${path}. Back the file up now`);
    expect(rotated.ring.keys.map(({ id }) => id)).toEqual([ring.newest.id, rotated.ring.newest.id]);
  });

  test('without a key file says so', async () => {
    expect(await run('key', 'rotate')).toMatchObject({
      code: 1,
      err: expect.stringContaining('There is no key file'),
    });
  });
});
