import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { reason } from '../domain/reason';
import { changing, sampleMessage, taking } from '../ledger/test/sample-message';
import { openSqliteLedger } from '../ledger/sqlite-ledger';
import { registerConfig } from './config';
import { registerMessage } from './message';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'commands-test-'));
  file = join(directory, 'bridge.yaml');
  writeFileSync(
    file,
    `gateway: { auth: { username: u, password: { env: PASSWORD } }, stations: [HUB] }
scanner: { baseUrl: "https://scanner.example", auth: { apiKey: { env: KEY } } }
intake: { startFrom: 2026-01-31 }
destinations: { archive: { kind: folder, directory: out }, warehouse: { kind: as2, from: HUB, to: W } }
routes: [{ name: all, destinations: [archive, warehouse] }]
web: { private: { host: 0.0.0.0, token: { env: TOKEN } } }
`,
  );
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const secrets = { PASSWORD: 'canary-password', KEY: 'canary-key', TOKEN: 'canary-token-16-characters' };

async function run(
  args: string[],
  { env = {}, columns }: { env?: Record<string, string>; columns?: number } = {},
): Promise<{ out: string; err: string; code: number }> {
  const result = { out: '', err: '', code: 0 };
  const stderr = { write: (text: string) => void (result.err += text) };
  const stdout = {
    write: (text: string) => void (result.out += text),
    ...(columns === undefined ? {} : { isTTY: true, columns }),
  };
  const program = new Command('mft-bridge')
    .exitOverride()
    .configureOutput({ writeErr: stderr.write, writeOut: stdout.write });
  const context = {
    stdout,
    stderr,
    env,
    now: () => 5_000,
    setExitCode: (code: number) => void (result.code = code),
    endWithin: () => undefined,
  };
  registerConfig(program, context);
  registerMessage(program, context);
  for (const command of program.commands.flatMap((group) => [group, ...group.commands])) {
    command.exitOverride().configureOutput({ writeErr: stderr.write, writeOut: stdout.write });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    result.code = (error as { exitCode?: number }).exitCode ?? 99;
  }
  return result;
}

async function fill(
  change: (ledger: Awaited<ReturnType<typeof openSqliteLedger>>) => Promise<void>,
): Promise<void> {
  const ledger = await openSqliteLedger({
    file: join(directory, '.mft-bridge/ledger.sqlite'),
    now: () => 5_000,
  });
  await change(ledger);
  await ledger.close();
}

describe('config check', () => {
  test('says ok and what the configuration means, without a secret', async () => {
    const { out, err, code } = await run(['config', 'check', '--config', file], { env: secrets });
    expect([err, code]).toEqual(['', 0]);
    expect(out).toMatch(/^ok: .*bridge\.yaml\n/);
    expect(out).toContain('https://scanner.example, 4 files at a time');
    expect(out).toContain('from 2026-01-31T00:00:00.000Z, every 15s');
    expect(out).toContain('warehouse: AS2 from HUB to W, up to 4 MB');
    expect(out).toContain(`archive: folder ${join(directory, 'out')}, any size`);
    expect(out).toContain('all: station (any), partner (any) -> archive, warehouse');
    expect(out).toContain('http://0.0.0.0:8480 (other machines reach it');
    expect(out).not.toContain('canary');
  });

  test('lists all problems and ends with 1', async () => {
    const { out, err, code } = await run(['config', 'check', '--config', file]);
    expect([out, code]).toEqual(['', 1]);
    expect(err).toContain(`${file}:1:43 gateway.auth.password: environment variable PASSWORD is not set\n`);
    expect(err).toContain(`${file}:2:64 scanner.auth.apiKey: environment variable KEY is not set\n`);
    expect(err).toMatch(/\n3 problems: the bridge would not start\.\n$/);
  });

  test('without a configuration says how to begin', async () => {
    const { err, code } = await run(['config', 'check', '-c', join(directory, 'none.yaml')]);
    expect(code).toBe(1);
    expect(err).toMatch(/there is no such file.*Copy bridge\.example\.yaml/s);
  });
});

describe('message', () => {
  const held = sampleMessage('aaaa11', { takenAt: 2_000, name: 'evil\u001b[2J.pdf' });
  const other = sampleMessage('aaaa22', { takenAt: 1_000, gatewayId: '<other@acme>' });
  const heldId = held.message.id;

  beforeEach(() =>
    fill(async (ledger) => {
      await ledger.commit(taking(held));
      await ledger.commit(
        changing(held.message, [{ type: 'refused', reasons: [reason('too-large', '5 GB')] }]),
      );
      await ledger.commit(taking(other));
    }),
  );

  test('ls of a ledger that was moved to a server shows it, and says that it is of then', async () => {
    const mark = { id: 'm', to: 'db.example:5432/mft (schema s)', at: 1_000, state: 'moved' };
    const path = join(directory, '.mft-bridge/ledger.sqlite.moved');
    writeFileSync(path, JSON.stringify(mark));
    const moved = await run(['message', 'ls', '-c', file]);
    expect(moved.code).toBe(0);
    expect(moved.out).toContain(heldId);
    expect(moved.err).toMatch(
      /was moved to PostgreSQL at db\.example:5432\/mft \(schema s\) on 1970-01-01T00:00:01\.000Z: this is how it stood then/,
    );
    writeFileSync(path, JSON.stringify({ ...mark, state: 'moving' }));
    expect((await run(['message', 'ls', '-c', file])).err).toBe('');
  });

  test('ls needs no secret, and shows newest first with the reason', async () => {
    const { out, err, code } = await run(['message', 'ls', '--config', file]);
    expect([err, code]).toEqual(['', 0]);
    const [head, first, second, ...rest] = out.trimEnd().split('\n');
    expect(head).toMatch(/^ID +STATE +TAKEN +PARTNER +FILES +SIZE +SUBJECT +WHY$/);
    expect(first).toMatch(
      /^aaaa11-\S+ +held +1970-01-01 00:00:02Z +ACME +2 +10 GB +- +An attachment is larger .*\(5 GB\)$/,
    );
    expect(second).toMatch(/^aaaa22-\S+ +scanning .* -> warehouse$/);
    expect(rest).toEqual([]);
  });

  test('ls fits the terminal, and only the terminal', async () => {
    const { out } = await run(['message', 'ls', '--config', file], { columns: 100 });
    for (const line of out.trimEnd().split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    expect(out).toContain('…');
  });

  test('ls --json is one object a line', async () => {
    const { out } = await run(['message', 'ls', '--config', file, '--json', '--state', 'held']);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string });
    expect(lines).toEqual([
      expect.objectContaining({ id: heldId, state: 'held', reasons: [reason('too-large', '5 GB')] }),
    ]);
  });

  test('ls --limit says that there is more', async () => {
    const { out, err } = await run(['message', 'ls', '--config', file, '--limit', '1']);
    expect(out.trimEnd().split('\n')).toHaveLength(2);
    expect(err).toContain('There are more');
  });

  test('ls --limit reads as many pages as it takes', async () => {
    await fill(async (ledger) => {
      for (let count = 0; count < 230; count += 1)
        await ledger.commit(
          taking(sampleMessage(`p${String(count)}`, { takenAt: 10_000 + count, attachments: 0 })),
        );
    });
    expect(
      (await run(['message', 'ls', '--config', file, '--limit', '500', '--json'])).out.trimEnd().split('\n'),
    ).toHaveLength(232);
    expect(
      (await run(['message', 'ls', '--config', file, '--limit', '225', '--json'])).out.trimEnd().split('\n'),
    ).toHaveLength(225);
  });

  test.each([
    ['--limit', '0'],
    ['--limit', 'x'],
    ['--limit', '99999'],
    ['--state', 'lost'],
    ['--frobnicate'],
  ])('ls %s %s is refused', async (...args) => {
    const { err, code } = await run([
      'message',
      'ls',
      '--config',
      file,
      ...args.filter((arg) => typeof arg === 'string'),
    ]);
    expect(code).toBe(1);
    expect(err).toMatch(/^error: /);
  });

  test('ls points to what could not be taken, and --not-taken lists it', async () => {
    expect((await run(['message', 'ls', '--config', file, '--not-taken'])).out).toBe(
      'Everything that was found could be taken.\n',
    );
    await fill(async (ledger) => {
      await ledger.intakeFailures.record('<bad>', 'wrong shape', 1_000, 9_000);
    });
    expect((await run(['message', 'ls', '--config', file])).err).toContain('1 could not be taken');
    const { out } = await run(['message', 'ls', '--config', file, '--not-taken']);
    expect(out).toMatch(/<bad> +1 +1970-01-01 00:00:01Z +1970-01-01 00:00:09Z +wrong shape/);
    const json = await run(['message', 'ls', '--config', file, '--not-taken', '--json']);
    expect(JSON.parse(json.out)).toMatchObject({ gatewayId: '<bad>', tries: 1 });
  });

  test.each([
    ['its id', heldId],
    ['the beginning of its id', 'aaaa11'],
    ['the gateway id', '<aaaa11@acme>'],
  ])('show finds a message by %s', async (_name, id) => {
    const { out, err, code } = await run(['message', 'show', id, '--config', file]);
    expect([err, code]).toEqual(['', 0]);
    expect(out).toContain(`message ${heldId}\n`);
    expect(out).toMatch(/state +held/);
    expect(out).toMatch(/why +An attachment is larger/);
    expect(out).toMatch(
      /\ntimeline\n.*\n.*1970-01-01T00:00:02\.000Z +taken +route route, 2 attachments, 10 GB\n.* refused +An attachment/,
    );
    expect(out).toContain('evil\\u{1b}[2J.pdf');
    expect(out).not.toContain('\u001b');
  });

  test('show --json is one object on one line', async () => {
    const { out } = await run(['message', 'show', 'aaaa11', '--json', '--config', file]);
    expect(out.trimEnd()).not.toContain('\n');
    expect(JSON.parse(out)).toMatchObject({
      id: heldId,
      timeline: [{ event: { type: 'taken' } }, { event: { type: 'refused' } }],
    });
  });

  test.each([
    ['ffff', /No message has the id ffff/],
    ['aa', /too short for the beginning of an id; expected at least 4/],
    ['aaaa', /2 messages fit aaaa; expected one of:\n {2}aaaa11-.*\n {2}aaaa22-/],
  ])('show %s says what is wrong and ends with 1', async (id, message) => {
    const { out, err, code } = await run(['message', 'show', id, '--config', file]);
    expect([out, code]).toEqual(['', 1]);
    expect(err).toMatch(message);
  });
});

test('without a ledger, message ls says so and makes none', async () => {
  const { err, code } = await run(['message', 'ls', '--config', file]);
  expect(code).toBe(1);
  expect(err).toMatch(/There is no ledger at .*ledger\.sqlite/);
  const again = await run(['message', 'ls', '--config', file]);
  expect(again.err).toBe(err);
});
