import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Message } from '../../domain/message';
import { messageState } from '../../domain/message';
import { backupLedger } from '../backup-ledger';
import type { RestoreOptions } from '../restore-ledger';
import { restoreLedger } from '../restore-ledger';
import { openSqliteLedger } from '../sqlite-ledger';
import { verifyLedger } from '../verify/verify-ledger';
import { startWritingChild } from './child';
import { changing, forwarded, sampleMessage, taking, weighed } from './sample-message';
import { temporaryDirectory } from './temporary-ledger';

type Opened = Awaited<ReturnType<typeof openSqliteLedger>>;

let directory: ReturnType<typeof temporaryDirectory>;
let file: string;
let backup: string;
let sealFile: string;
const now = (): number => 50_000;

beforeEach(() => {
  directory = temporaryDirectory();
  file = join(directory.path, 'ledger.db');
  backup = join(directory.path, 'backup.db');
  sealFile = join(directory.path, 'seals.jsonl');
});
afterEach(() => directory.remove());

async function withLedger<Result>(body: (ledger: Opened) => Promise<Result>): Promise<Result> {
  const ledger = await openSqliteLedger({ file, now });
  try {
    return await body(ledger);
  } finally {
    await ledger.close();
  }
}

async function take(ledger: Opened, name: string): Promise<Message> {
  const sample = sampleMessage(name);
  await ledger.commit(taking(sample));
  return sample.message;
}

/** Claims the work of a kind on a message, and commits what came of it. */
async function step(
  ledger: Opened,
  before: Message,
  kind: 'scan' | 'decide' | 'deliver',
  events: Parameters<typeof changing>[1],
): Promise<Message> {
  const claimed = await ledger.due.claim({ limits: { [kind]: 64 }, now: 60_000, leaseMs: 1 });
  const mine = claimed.filter(({ messageId }) => messageId === before.id);
  const change = changing(before, events);
  await ledger.commit({ ...change, ...(mine[0] === undefined ? {} : { done: mine[0] }) });
  for (const work of mine.slice(1)) await ledger.due.finish(work);
  return change.after;
}

async function submitted(ledger: Opened, name: string): Promise<Message> {
  const message = await take(ledger, name);
  const scanned = await step(
    ledger,
    message,
    'scan',
    message.attachments.map(({ id }) => weighed(message, id)),
  );
  const decided = await step(ledger, scanned, 'decide', [forwarded(scanned)]);
  const deliveryId = decided.deliveries[0]!.id;
  return step(ledger, decided, 'deliver', [
    { type: 'intended', deliveryId, at: 5, sendBy: 90_000 },
    { type: 'submitted', deliveryId, remoteId: `<${name}@hub>` },
  ]);
}

const restore = (options: Partial<RestoreOptions> = {}): ReturnType<typeof restoreLedger> =>
  restoreLedger({ file, backup, mode: 'after-restore', custodyOf: undefined, sealFile, now, ...options });

async function findings(): Promise<string[]> {
  const found: string[] = [];
  await verifyLedger({ file, now, onFinding: ({ problem }) => void found.push(problem) });
  return found;
}

/** Without the logs that a reader leaves behind, who cannot write them back. */
const names = (): string[] =>
  readdirSync(directory.path)
    .filter((name) => !/-(wal|shm)$/.test(name))
    .sort();

describe('backup', () => {
  test('beside a bridge that writes: whole, of one moment, one file for its user only; never over another', async () => {
    const child = startWritingChild(file, 'run');
    try {
      await child.said(60);
      await backupLedger(file, backup);
      await child.said(child.lines.length + 20);
    } finally {
      await child.kill();
    }
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    expect(names()).toEqual(expect.arrayContaining(['backup.db']));
    expect(names().filter((name) => name.startsWith('backup'))).toEqual(['backup.db']);
    const counts = await verifyLedger({
      file: backup,
      now,
      onFinding: (found) => expect(found).toBeUndefined(),
    });
    expect(counts.messages).toBeGreaterThan(10);
    const before = readFileSync(backup);
    await expect(backupLedger(file, backup)).rejects.toThrow(/exists already, and a backup never overwrites/);
    expect(readFileSync(backup).equals(before)).toBe(true);
  });

  test('without a ledger, or where nothing can be written, it says so and leaves nothing', async () => {
    await expect(backupLedger(file, backup)).rejects.toThrow(/There is no ledger at/);
    await withLedger((ledger) => take(ledger, 'a'));
    await expect(backupLedger(file, join(directory.path, 'nowhere', 'b.db'))).rejects.toThrow();
    expect(names()).toEqual(['ledger.db', 'ledger.db.lock']);
  });
});

describe('restore', () => {
  test('what was not settled is held and searched for, its work is void, and the ledger is whole', async () => {
    const [first, second, third] = await withLedger(async (ledger) => {
      const sent = await submitted(ledger, 'sent');
      const scanning = await take(ledger, 'scanning');
      const held = changing(await take(ledger, 'settled'), [{ type: 'given-up', to: 'held', reasons: [] }]);
      await ledger.commit(held);
      await ledger.commands.ask({
        id: 'c1',
        kind: 'replay',
        messageId: scanning.id,
        argument: {},
        actor: 'a',
        askedAt: 1,
      });
      await ledger.commands.ask({
        id: 'c2',
        kind: 'legal-hold',
        messageId: scanning.id,
        argument: {},
        actor: 'a',
        askedAt: 1,
      });
      return [sent, scanning, held.after];
    });
    await backupLedger(file, backup);
    writeFileSync(sealFile, 'seals of the replaced ledger\n');
    await withLedger((ledger) => take(ledger, 'afterwards'));

    const restored = await restore();
    expect(restored).toEqual({
      held: 2,
      searched: 1,
      replaced: expect.stringMatching(/ledger\.db\.replaced-1970-01-01T/),
    });
    expect(names()).toEqual([
      'backup.db',
      'ledger.db',
      'ledger.db.lock',
      expect.stringMatching(/^ledger\.db\.replaced-/),
      expect.stringMatching(/^seals\.jsonl\.replaced-/),
    ]);
    await withLedger(async (ledger) => {
      expect(await ledger.messages.findByGatewayId('<afterwards@acme>')).toEqual([]);
      const sent = (await ledger.messages.load(first.id))!;
      expect(sent.deliveries).toMatchObject([{ state: 'unknown', remoteId: '<sent@hub>' }]);
      for (const id of [first.id, second.id]) {
        const message = (await ledger.messages.load(id))!;
        expect(messageState(message)).toBe('held');
        expect(message.obligations[0]!.reasons).toMatchObject([{ code: 'after-restore' }]);
      }
      expect(await ledger.messages.load(third.id)).toEqual(third);
      // What marks read at the gateway goes on; of the commands the one that is safe to do twice.
      expect(await ledger.due.count()).toEqual({ acknowledge: 3, reconcile: 1, command: 1 });
      expect(JSON.parse((await ledger.settings.get('after-restore'))!)).toEqual({ at: 50_000 });
      expect(await ledger.commands.find('c1')).toMatchObject({ doneAt: 50_000, outcome: { done: false } });
      expect(await ledger.commands.find('c2')).toMatchObject({ doneAt: null });
    });
    expect(await findings()).toEqual([]);
    const replaced = new Database(restored.replaced, { readonly: true });
    expect(replaced.prepare('select count(*) from message').pluck().get()).toBe(4);
    replaced.close();
  });

  test('unchanged: nothing is held; refused where the ledger that is there says otherwise', async () => {
    await withLedger((ledger) => submitted(ledger, 'sent'));
    await backupLedger(file, backup);
    expect(await restore({ mode: 'unchanged' })).toMatchObject({ held: 0, searched: 0 });
    await withLedger(async (ledger) => {
      expect(await ledger.due.count()).toMatchObject({ confirm: 1 });
      await take(ledger, 'later');
    });
    await expect(restore({ mode: 'unchanged' })).rejects.toThrow(
      /has run since that backup. Use --after-restore/,
    );
    expect(await restore()).toMatchObject({ held: 1 });
  });

  test('unchanged: as many events say nothing, where retention took some and others came', async () => {
    const day = 86_400_000;
    const events = (of: string): unknown => {
      const database = new Database(of, { readonly: true });
      const count = database.prepare('select count(*) from event').pluck().get();
      database.close();
      return count;
    };
    const commit = async (ledger: Opened, ...change: Parameters<typeof changing>): Promise<Message> => {
      const { after } = changing(...change);
      await ledger.commit({ ...changing(...change), next: [] });
      return after;
    };
    const decided = async (ledger: Opened, name: string, takenAt: number): Promise<Message> => {
      const taken = taking(sampleMessage(name, { attachments: 1, takenAt }));
      await ledger.commit({ ...taken, next: [] });
      const { id } = taken.after.attachments[0]!;
      return commit(ledger, taken.after, [weighed(taken.after, id), forwarded(taken.after)], takenAt);
    };
    const delivered = (ledger: Opened, message: Message): Promise<Message> =>
      commit(ledger, message, [{ type: 'delivered', deliveryId: message.deliveries[0]!.id, proof: 'mdn' }]);
    const [old, open] = await withLedger(async (ledger) => {
      const gone = await delivered(ledger, await decided(ledger, 'old', day));
      await commit(ledger, gone, [{ type: 'bytes-removed', place: 'forwarded' }]);
      const owed = await decided(ledger, 'open', 30 * day);
      await ledger.seals.seal(31 * day);
      expect(await ledger.retention.archive([gone.id])).toEqual([gone.id]);
      return [gone, owed];
    });
    await backupLedger(file, backup);
    await withLedger(async (ledger) => {
      await delivered(ledger, open);
      const later = await decided(ledger, 'later', 32 * day);
      await commit(ledger, later, [{ type: 'acknowledged' }]);
      await ledger.seals.seal(33 * day);
      expect(await ledger.retention.forget([old.id], 33 * day)).toEqual([old.id]);
    });
    expect(events(file)).toBe(events(backup));
    await expect(restore({ mode: 'unchanged' })).rejects.toThrow(/has run since that backup/);
    await withLedger(async (ledger) => {
      expect((await ledger.messages.load(open.id))!.deliveries[0]!.state).toBe('delivered');
    });
  });

  test('unchanged: refused where a person asked for something since', async () => {
    const message = await withLedger((ledger) => take(ledger, 'a'));
    await backupLedger(file, backup);
    const command = { id: 'c1', kind: 'replay', messageId: message.id, argument: {}, actor: 'a', askedAt: 1 };
    await withLedger((ledger) => ledger.commands.ask({ ...command, kind: 'replay' }));
    await expect(restore({ mode: 'unchanged' })).rejects.toThrow(/has run since that backup/);
  });

  test('unchanged: refused where the scanner was tested since, which makes no event', async () => {
    await withLedger((ledger) => take(ledger, 'a'));
    await backupLedger(file, backup);
    await withLedger((ledger) => ledger.settings.set('self-test', '{"doubtful":[[1,2]]}'));
    await expect(restore({ mode: 'unchanged' })).rejects.toThrow(/has run since that backup/);
  });

  test('unchanged: refused over a ledger that is too damaged to be compared', async () => {
    await withLedger((ledger) => take(ledger, 'a'));
    await backupLedger(file, backup);
    writeFileSync(file, 'x'.repeat(8_192));
    await expect(restore({ mode: 'unchanged' })).rejects.toThrow(/damaged, and cannot be compared/);
    expect(readFileSync(file, 'utf8')).toBe('x'.repeat(8_192));
  });

  test('on a machine without a ledger, and over one that is damaged beyond opening', async () => {
    await withLedger((ledger) => take(ledger, 'a'));
    await backupLedger(file, backup);
    const elsewhere = join(directory.path, 'other', 'ledger.db');
    expect(await restore({ file: elsewhere })).toEqual({ replaced: undefined, held: 1, searched: 0 });
    writeFileSync(file, 'x'.repeat(8_192));
    writeFileSync(`${file}-wal`, 'log of the damaged one');
    const { replaced } = await restore();
    expect(readFileSync(replaced!, 'utf8')).toBe('x'.repeat(8_192));
    expect(readFileSync(`${replaced!}-wal`, 'utf8')).toBe('log of the damaged one');
    expect(existsSync(`${file}-wal`)).toBe(false);
    expect(await findings()).toEqual([]);
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['no file', async () => (backup = join(directory.path, 'none')), /There is no backup at/],
    ['no database', async () => writeFileSync(backup, 'x'.repeat(5_000)), /is damaged, or no ledger/],
    ['a cut file', async () => writeFileSync(backup, readFileSync(backup).subarray(0, 20_000)), /is damaged/],
    [
      'a foreign database',
      async () => tamper(backup, 'drop table schema_version'),
      /no ledger of this bridge/,
    ],
    [
      'a newer ledger',
      async () =>
        tamper(backup, `insert into schema_version (version, name, applied_at) values (99, 'x', 1)`),
      /newer version of the bridge/,
    ],
    [
      'of another ledger',
      async () => tamper(backup, `insert into setting values ('ledger-id', 'another')`),
      /backup of another ledger/,
    ],
  ])('%s is refused, and nothing changes', async (_what, prepare, words) => {
    await withLedger((ledger) => take(ledger, 'a'));
    await backupLedger(file, backup);
    await prepare();
    const before = readFileSync(file);
    await expect(restore({ custodyOf: 'this one' })).rejects.toThrow(words);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(names().filter((name) => name.startsWith('ledger'))).toEqual(['ledger.db', 'ledger.db.lock']);
  });

  test('refused while a bridge runs, and while anybody else has the ledger open', async () => {
    const ledger = await openSqliteLedger({ file, now });
    await take(ledger, 'a');
    await backupLedger(file, backup);
    await expect(restore()).rejects.toThrow(/is in use: another bridge writes it/);
    await ledger.close();
    const reader = new Database(file, { readonly: true });
    reader.prepare('select count(*) from message').get();
    await expect(restore()).rejects.toThrow(/Another program has the ledger .* open/);
    reader.close();
    expect(await restore()).toMatchObject({ held: 1 });
  }, 180_000);

  test('a restore that was cut off where there is no ledger left: no start makes an empty one', async () => {
    await withLedger((ledger) => take(ledger, 'a'));
    await backupLedger(file, backup);
    copyFileSync(backup, `${file}.restoring`);
    rmSync(file);
    await expect(openSqliteLedger({ file, now })).rejects.toThrow(/a restore was cut off. Run the same/);
    expect(existsSync(file)).toBe(false);
    await restore();
    expect(await findings()).toEqual([]);
  });
});

async function tamper(path: string, sql: string): Promise<void> {
  const database = new Database(path);
  database.exec(sql);
  database.close();
}
