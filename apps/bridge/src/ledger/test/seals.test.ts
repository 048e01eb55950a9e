import { appendFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { nextSeal, sealHash, sealRoot } from '../seal';
import { readSealFile } from '../seal-file';
import type { Sealer } from '../sealer';
import { openSealer } from '../sealer';
import { changing, sampleMessage, taking } from './sample-message';
import type { TemporaryLedger } from './temporary-ledger';
import { openTemporaryLedger, temporaryDirectory } from './temporary-ledger';

let temporary: TemporaryLedger;
let directory: ReturnType<typeof temporaryDirectory>;
let file: string;
let errors: unknown[];
const sealers: Sealer[] = [];

beforeEach(async () => {
  temporary = await openTemporaryLedger();
  directory = temporaryDirectory();
  file = join(directory.path, 'seals.jsonl');
  errors = [];
});
afterEach(async () => {
  for (const sealer of sealers.splice(0)) await sealer.stop();
  await temporary.close();
  directory.remove();
});

async function open(intervalMs = 5_000): Promise<Sealer> {
  const log = { error: (fields: unknown) => void errors.push(fields), info: () => undefined };
  const now = (): number => temporary.clock.now;
  const sealer = await openSealer({ ledger: temporary.ledger, file, intervalMs, now, log });
  sealers.push(sealer);
  return sealer;
}

async function exported(): Promise<unknown[]> {
  const seals: unknown[] = [];
  for await (const seal of readSealFile(file)) seals.push(seal);
  return seals;
}

async function take(name: string): Promise<void> {
  const sample = sampleMessage(name);
  await temporary.ledger.commit(taking(sample));
  await temporary.ledger.commit(changing(sample.message, [{ type: 'acknowledged' }]));
}

test('a seal is bound to the one before and to its events, in whatever order they are found', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.stringMatching(/^[0-9a-f]{64}$/), { minLength: 1 }),
      fc.nat(),
      (hashes, at) => {
        const first = nextSeal(undefined, hashes, at);
        const second = nextSeal(first, ['f'.repeat(64)], at + 1);
        expect(first).toMatchObject({ number: 1, previous: '0'.repeat(64), events: hashes.length });
        expect(second).toMatchObject({ number: 2, previous: first.hash });
        expect(sealHash(first)).toBe(first.hash);
        expect(sealRoot([...hashes].reverse())).toBe(first.root);
        expect(sealRoot(hashes.slice(1))).not.toBe(first.root);
        for (const altered of [{ at: at + 1 }, { events: 0 }, { number: 3 }, { root: second.root }])
          expect(sealHash({ ...first, ...altered })).not.toBe(first.hash);
      },
    ),
  );
});

test('what is new is sealed and exported; where nothing is new no seal is made', async () => {
  const sealer = await open();
  await sealer.sealNow();
  expect(await temporary.ledger.seals.last()).toBeUndefined();
  await take('a');
  temporary.clock.now = 7_000;
  await sealer.sealNow();
  await sealer.sealNow();
  await take('b');
  await sealer.sealNow();
  const seals = await temporary.ledger.seals.list({ after: 0, limit: 10 });
  expect(seals).toMatchObject([
    { number: 1, at: 7_000, events: 2, previous: '0'.repeat(64) },
    { number: 2, at: 7_000, events: 2, previous: seals[0]!.hash },
  ]);
  const timeline = await temporary.ledger.messages.timeline('a-7');
  expect(seals[0]!.root).toBe(sealRoot(timeline.map(({ hash }) => hash)));
  expect(await exported()).toEqual(seals);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('more than one seal holds are sealed in several', async () => {
  await take('a');
  temporary.tamper(
    `with recursive n (i) as (select 3 union all select i + 1 from n where i < 2500)
     insert into event (message_id, sequence, at, event, hash) select 'a-7', i, i, '{}', 'h' || i from n`,
  );
  await (await open()).sealNow();
  const seals = await temporary.ledger.seals.list({ after: 0, limit: 10 });
  expect(seals.map(({ events }) => events)).toEqual([1_000, 1_000, 500]);
});

test('it seals by itself at its interval, and what is left when it stops', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  try {
    const sealer = await open(5_000);
    sealer.start();
    await take('a');
    await jest.advanceTimersByTimeAsync(4_999);
    expect(await temporary.ledger.seals.last()).toBeUndefined();
    await jest.advanceTimersByTimeAsync(1);
  } finally {
    jest.useRealTimers();
  }
  await take('b');
  await sealers[0]!.stop();
  sealers.pop();
  const seals = await temporary.ledger.seals.list({ after: 0, limit: 10 });
  expect(seals.reduce((sum, { events }) => sum + events, 0)).toBe(4);
  expect(seals.length).toBeGreaterThan(1);
  expect(await exported()).toEqual(seals);
});

test('a start writes what the file misses: all of it, the last ones, or a line that was cut off', async () => {
  const first = await open();
  for (const name of ['a', 'b', 'c']) {
    await take(name);
    await first.sealNow();
  }
  const whole = readFileSync(file, 'utf8');
  const lines = whole.split('\n');
  for (const left of ['', `${lines[0]}\n`, `${lines[0]}\n${lines[1]!.slice(0, 100)}`, whole.slice(0, -1)]) {
    writeFileSync(file, left);
    await open();
    expect(readFileSync(file, 'utf8')).toBe(whole);
  }
  rmSync(file);
  await open();
  expect(readFileSync(file, 'utf8')).toBe(whole);
});

test('seals that the ledger does not have: an older ledger was put in its place, and is refused', async () => {
  const sealer = await open();
  await take('a');
  await sealer.sealNow();
  const [seal] = (await exported()) as [ReturnType<typeof nextSeal>];
  appendFileSync(file, `${JSON.stringify(nextSeal(seal, ['e'.repeat(64)], 1))}\n`);
  await expect(open()).rejects.toThrow(
    /end at seal 2, which this ledger \(1 seals\) does not have: it is an older/,
  );
  writeFileSync(file, `${JSON.stringify({ ...seal, hash: 'd'.repeat(64) })}\n`);
  await expect(open()).rejects.toThrow(/or another one/);
  writeFileSync(file, 'no seal\n');
  await expect(open()).rejects.toThrow(/is no seal: the file was altered/);
  expect(existsSync(file)).toBe(true);
});
