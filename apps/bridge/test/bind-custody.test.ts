/** Ledger, custody directory and keys that do not belong together are refused before anything is swept or written. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cp, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { bindCustody } from '../src/bind-custody';
import { readCustodyIdentity } from '../src/custody/custody-identity';
import { openDirectoryCustody } from '../src/custody/directory-custody';
import { directorySite } from '../src/custody/directory-site';
import { openKeyRing, rotateKeyRing } from '../src/custody/key-ring';
import type { Message } from '../src/domain/message';
import { openSqliteLedger } from '../src/ledger/sqlite-ledger';
import { sampleMessage, taking } from '../src/ledger/test/sample-message';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'bind-custody-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

interface Where {
  readonly ledger?: string;
  readonly custody?: string;
  readonly keys?: string;
}

type Ledger = Awaited<ReturnType<typeof openSqliteLedger>>;
type Custody = Awaited<ReturnType<typeof openDirectoryCustody>>;

/** Opens all three as the bridge does. */
async function start<Result>(
  { ledger: file = 'ledger.db', custody: directory = 'custody', keys = 'keys.json' }: Where,
  body: (open: { ledger: Ledger; custody: Custody }) => Promise<Result>,
): Promise<Result> {
  const ledger = await openSqliteLedger({ file: join(root, file), now: Date.now });
  try {
    const keyFile = join(root, keys);
    const { ring } = await openKeyRing({ path: keyFile, holdsData: false, now: Date.now });
    const at = join(root, directory);
    let count = 0;
    await bindCustody({
      ledger,
      site: directorySite(at),
      keyFile,
      ring,
      newId: () => `${file}-${(count += 1)}`,
      agree: nothing,
    });
    const custody = await openDirectoryCustody({ directory: at, keyRing: ring, minFreeBytes: 0 });
    const result = await body({ ledger, custody });
    await custody.close();
    return result;
  } finally {
    await ledger.close();
  }
}

const nothing = (): Promise<void> => Promise.resolve();

/** One message whose bytes are really in custody. */
async function take(where: Where, name = 'm'): Promise<Message> {
  return start(where, async ({ ledger, custody }) => {
    const sample = sampleMessage(name, { attachments: 1 });
    const { key } = await custody.deposit(Readable.from([Buffer.from(`bytes of ${name}`)]), {
      name: 'a.xml',
    });
    const attachments = sample.message.attachments.map((attachment) => ({ ...attachment, custodyKey: key }));
    const message = { ...sample.message, attachments };
    await ledger.commit(taking({ ...sample, message }));
    return message;
  });
}

async function read(where: Where, { attachments }: Message): Promise<string> {
  return start(where, async ({ custody }) => {
    const chunks: Buffer[] = [];
    for await (const chunk of custody.open(attachments[0]!.custodyKey)) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  });
}

const identity = (directory = 'custody'): unknown =>
  JSON.parse(readFileSync(join(root, directory, 'ledger.json'), 'utf8'));

test('the first start binds all three, and the next ones fit', async () => {
  const message = await take({});
  expect(identity()).toEqual({ ledger: 'ledger.db-1' });
  expect(await read({}, message)).toBe('bytes of m');
  expect(identity()).toEqual({ ledger: 'ledger.db-1' });
});

test('the check values of the keys in the ledger tell nothing about them', async () => {
  await start({}, nothing);
  const { keys } = JSON.parse(readFileSync(join(root, 'keys.json'), 'utf8')) as {
    keys: { id: string; key: string }[];
  };
  const noted = await start({}, ({ ledger }) => ledger.settings.get('key-checks'));
  expect(Object.keys(JSON.parse(noted!) as object)).toEqual([keys[0]!.id]);
  expect(noted).not.toContain(keys[0]!.key);
});

describe('refused, with what to do, and nothing is touched', () => {
  test.each<[string, Where, RegExp]>([
    [
      'a new ledger over the custody of another',
      { ledger: 'new.db' },
      /belongs to an existing ledger, and this one is new.*ledger restore/,
    ],
    [
      'the custody of another ledger',
      { custody: 'other' },
      /belongs to another ledger. Check ledger.file and custody.directory/,
    ],
    [
      'the key file of another bridge',
      { keys: 'other.json' },
      /lacks key [0-9a-f]{16}, which sealed what is in custody.*newest backup/,
    ],
  ])('%s', async (_what, where, words) => {
    await take({});
    await take({ ledger: 'other.db', custody: 'other', keys: 'other.json' }, 'o');
    await cp(join(root, 'custody', 'objects'), join(root, 'custody', 'tmp', 'half'), { recursive: true });
    await cp(join(root, 'other', 'objects'), join(root, 'other', 'tmp', 'half'), { recursive: true });
    const [before, identities] = [
      readdirSync(root, { recursive: true }).sort(),
      [identity(), identity('other')],
    ];
    await expect(start(where, nothing)).rejects.toThrow(words);
    const after = readdirSync(root, { recursive: true }).sort();
    expect(after.filter((path) => !String(path).startsWith('new.db'))).toEqual(before);
    expect([identity(), identity('other')]).toEqual(identities);
  });

  test('a key under the same id that is another one', async () => {
    await take({});
    const file = JSON.parse(readFileSync(join(root, 'keys.json'), 'utf8')) as { keys: { key: string }[] };
    file.keys[0]!.key = Buffer.alloc(32, 7).toString('base64');
    writeFileSync(join(root, 'keys.json'), JSON.stringify(file));
    await expect(start({}, nothing)).rejects.toThrow(
      /is not the key that sealed what is in custody: the file was altered/,
    );
  });

  test('an identity that cannot be read', async () => {
    await take({});
    writeFileSync(join(root, 'custody', 'ledger.json'), '{"ledger":');
    await expect(start({}, nothing)).rejects.toThrow(/does not name a ledger: it was altered or cut off/);
  });

  test('a directory that lacks what the ledger refers to: a disk that is not mounted', async () => {
    const message = await take({});
    await rename(join(root, 'custody'), join(root, 'away'));
    await expect(start({}, nothing)).rejects.toThrow(
      new RegExp(`lacks 1 of the objects .*message ${message.id} .*its disk is not mounted`),
    );
    expect(existsSync(join(root, 'custody'))).toBe(false);
    await rename(join(root, 'away'), join(root, 'custody'));
    expect(await read({}, message)).toBe('bytes of m');
  });
});

describe('what an earlier version made, which bound nothing,', () => {
  async function unbound(): Promise<Message> {
    const message = await take({});
    rmSync(join(root, 'custody', 'ledger.json'));
    const { default: Database } = await import('better-sqlite3');
    const database = new Database(join(root, 'ledger.db'));
    database.exec('delete from setting');
    database.close();
    return message;
  }

  test('is bound where it fits', async () => {
    const message = await unbound();
    expect(await read({}, message)).toBe('bytes of m');
    expect(identity()).toEqual({ ledger: 'ledger.db-1' });
  });

  test('is refused with keys that open nothing of it', async () => {
    await unbound();
    await expect(start({ keys: 'other.json' }, nothing)).rejects.toThrow(
      /open none of the objects .*key file of another bridge/,
    );
  });

  test('is refused with a ledger that is empty', async () => {
    await unbound();
    await expect(start({ ledger: 'new.db' }, nothing)).rejects.toThrow(
      /holds objects, but the ledger is empty.*ledger restore/,
    );
  });
});

test('rotated: what older keys sealed still opens, what is new is sealed by the new one', async () => {
  const first = await take({}, 'one');
  const newest = await rotateKeyRing({ path: join(root, 'keys.json'), now: Date.now });
  const second = await take({}, 'two');
  expect(await read({}, first)).toBe('bytes of one');
  expect(await read({}, second)).toBe('bytes of two');
  const keyOf = ({ attachments }: Message): string => {
    const key = attachments[0]!.custodyKey;
    return readFileSync(join(root, 'custody', 'objects', key.slice(0, 2), key)).toString('hex', 8, 16);
  };
  expect(keyOf(second)).toBe(newest);
  expect(keyOf(first)).not.toBe(newest);
  // The old key file, from a backup of before the rotation, is not enough any more.
  const file = JSON.parse(readFileSync(join(root, 'keys.json'), 'utf8')) as { keys: unknown[] };
  writeFileSync(join(root, 'keys.json'), JSON.stringify({ ...file, keys: file.keys.slice(0, 1) }));
  await expect(start({}, nothing)).rejects.toThrow(new RegExp(`lacks key ${newest}`));
});

describe('several bridges that start for the first time at once', () => {
  async function bind(
    ledger: Ledger,
    keys: string,
    {
      site = directorySite(join(root, 'share'), { shared: true }),
      agree = nothing,
    }: { site?: ReturnType<typeof directorySite>; agree?: () => Promise<void> } = {},
  ) {
    const keyFile = join(root, keys);
    const { ring } = await openKeyRing({ path: keyFile, holdsData: false, now: Date.now });
    return bindCustody({ ledger, site, keyFile, ring, newId: () => `of-${keys}`, agree });
  }

  test('each with a key of its own: one stays, the other is told to copy the key file', async () => {
    const ledger = await openSqliteLedger({ file: join(root, 'ledger.db'), now: Date.now });
    try {
      const started = await Promise.allSettled([bind(ledger, 'a.json'), bind(ledger, 'b.json')]);
      expect(started.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const [refused] = started.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
      expect(refused).toMatch(
        /lacks key .*where several bridges share custody, copy the file of one that runs/,
      );
      expect(await readCustodyIdentity(join(root, 'share'))).toBe(await ledger.settings.get('ledger-id'));
    } finally {
      await ledger.close();
    }
  });

  test('one with which another does not agree has written nothing', async () => {
    const ledger = await openSqliteLedger({ file: join(root, 'ledger.db'), now: Date.now });
    const agree = (): Promise<void> => Promise.reject(new Error('set otherwise'));
    const noted = (): Promise<unknown> =>
      Promise.all(['key-checks', 'ledger-id'].map((key) => ledger.settings.get(key)));
    try {
      await expect(bind(ledger, 'a.json', { agree })).rejects.toThrow('set otherwise');
      expect(await noted()).toEqual([undefined, undefined]);
      expect(await readCustodyIdentity(join(root, 'share'))).toBeUndefined();
      await bind(ledger, 'a.json');
      const before = await noted();
      // A newer key that the others do not have.
      await rotateKeyRing({ path: join(root, 'a.json'), now: Date.now });
      await expect(bind(ledger, 'a.json', { agree })).rejects.toThrow('set otherwise');
      expect(await noted()).toEqual(before);
    } finally {
      await ledger.close();
    }
  });

  test('with one key file: both stay', async () => {
    const ledger = await openSqliteLedger({ file: join(root, 'ledger.db'), now: Date.now });
    try {
      await openKeyRing({ path: join(root, 'a.json'), holdsData: false, now: Date.now });
      await cp(join(root, 'a.json'), join(root, 'b.json'));
      await Promise.all([bind(ledger, 'a.json'), bind(ledger, 'b.json')]);
      expect(await readCustodyIdentity(join(root, 'share'))).toBe(await ledger.settings.get('ledger-id'));
    } finally {
      await ledger.close();
    }
  });
});
