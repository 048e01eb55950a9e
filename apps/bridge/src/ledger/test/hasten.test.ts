import type { Stage } from '../../domain/message-event';
import { changing, forwarded, sampleMessage, taking, weighed } from './sample-message';
import type { TemporaryLedger } from './temporary-ledger';
import { openTemporaryLedger } from './temporary-ledger';

let temporary: TemporaryLedger;
let ledger: TemporaryLedger['ledger'];
beforeEach(async () => {
  temporary = await openTemporaryLedger();
  ledger = temporary.ledger;
});
afterEach(() => temporary.close());

const limits = { acknowledge: 10, scan: 10 };
const kinds: readonly Stage[] = ['scan', 'acknowledge'];

/** One message with three scans and an acknowledgement, each of which waits until 90,000 for its own reason. */
async function waiting(whyOf: (kind: Stage, index: number) => string): Promise<void> {
  await ledger.commit(taking(sampleMessage('m', { attachments: 3 })));
  const claimed = await ledger.due.claim({ limits, now: 2_000, leaseMs: 1_000 });
  for (const [index, work] of claimed.entries())
    await ledger.due.postpone(work, { dueAt: 90_000, why: whyOf(work.kind, index), failed: false });
}

const due = async (now: number): Promise<readonly Stage[]> =>
  (await ledger.due.claim({ limits, now, leaseMs: 1_000 })).map(({ kind }) => kind).sort();

test('what waits for this reason is brought forward, of the kinds that were named', async () => {
  await waiting((kind) => (kind === 'scan' ? 'the scanner is away: x' : 'the gateway is away'));
  await ledger.due.hasten({ kinds: ['scan'], why: 'the scanner is away', at: 5_000 });
  expect(await ledger.due.nextAt()).toBe(5_000);
  expect(await due(5_000)).toEqual(['scan', 'scan', 'scan']);
  expect(await due(89_999)).toEqual(['scan', 'scan', 'scan']);
});

test('what waits for something else stays, also where its reason only holds the words', async () => {
  await waiting((_kind, index) => ['busy', 'said: the scanner is away', 'the scanner', ''][index] ?? '');
  await ledger.due.hasten({ kinds, why: 'the scanner is away', at: 5_000 });
  expect(await due(89_999)).toEqual([]);
});

test('a reason that is over goes, also from what is due already; that of a trial stays until it was made', async () => {
  await waiting((kind) => (kind === 'scan' ? 'the scanner is away: x' : 'busy'));
  const reasons = async (): Promise<readonly (string | null)[]> =>
    ((await ledger.messages.list({ limit: 1 })).items[0]?.waiting ?? [])
      .map(({ kind, why }) => `${kind} ${String(why)}`)
      .sort();
  await ledger.due.hasten({ kinds, why: 'the scanner is away', at: 5_000, limit: 1 });
  expect(await reasons()).toContain('scan the scanner is away: x');
  expect(await reasons()).not.toContain('scan null');
  await ledger.due.hasten({ kinds, why: 'the scanner is away', at: 95_000 });
  expect(await reasons()).toEqual(['acknowledge busy', 'scan null', 'scan null', 'scan null']);
});

test('what was never tried is told why it waits: of its kind, and of its destination', async () => {
  const sample = sampleMessage('m', { attachments: 2, destinations: ['warehouse', 'archive'] });
  const other = sampleMessage('n', { attachments: 1, destinations: ['warehouse', 'archive'] });
  for (const one of [sample, other]) await ledger.commit(taking(one));
  const told = async (): Promise<readonly string[]> =>
    (await ledger.messages.list({ limit: 2 })).items
      .flatMap(({ waiting: rows }) =>
        rows.map(({ kind, subject, why }) => `${kind} ${subject} ${String(why)}`),
      )
      .filter((row) => !row.endsWith(' null'))
      .sort();
  const [scan] = await ledger.due.claim({ limits: { scan: 1 }, now: 2_000, leaseMs: 1_000 });
  await ledger.due.postpone(scan!, { dueAt: 90_000, why: 'own', failed: false });
  await ledger.due.explain({ work: scan!, why: 'away', at: 2_000 });
  expect((await told()).map((row) => row.split(' ').at(-1)).sort()).toEqual(['away', 'away', 'own']);

  for (const { message } of [sample, other]) {
    const clear = message.attachments.map(({ id }) => weighed(message, id));
    await ledger.commit(changing(message, [...clear, forwarded(message)], 2_000));
  }
  const work = { kind: 'deliver', subject: `${other.message.id}-to-warehouse` } as const;
  await ledger.due.explain({ work, why: 'gone', at: 2_000 });
  expect((await told()).filter((row) => row.endsWith('gone'))).toEqual(
    [sample, other].map(({ message }) => `deliver ${message.id}-to-warehouse gone`).sort(),
  );
});

test('the clock was set back: all that waits is due, and its deadline counts from now', async () => {
  await ledger.commit(taking(sampleMessage('m', { attachments: 1, takenAt: 90_000 })));
  await ledger.due.clockSetBack(5_000);
  const taken = await ledger.due.claim({ limits, now: 5_000, leaseMs: 1_000 });
  expect(taken.map(({ kind, since }) => [kind, since]).sort()).toEqual([
    ['acknowledge', 5_000],
    ['scan', 5_000],
  ]);
});

test('the clock was set back: an intent of a time to come has ended, also for whoever remembers the message', async () => {
  const sample = sampleMessage('m', { attachments: 1, takenAt: 90_000 });
  await ledger.commit(taking(sample));
  const { message } = sample;
  const decided = changing(message, [
    ...message.attachments.map(({ id }) => weighed(message, id)),
    forwarded(message),
  ]);
  await ledger.commit(decided);
  const deliveryId = decided.after.deliveries[0]!.id;
  await ledger.commit(
    changing(decided.after, [{ type: 'intended', deliveryId, at: 90_000, sendBy: 99_000 }], 90_000),
  );
  const sendBy = async (): Promise<unknown> =>
    (await ledger.messages.load(message.id))!.deliveries[0]!.sendBy;
  // Another bridge may be sending, by a clock that was right.
  await ledger.due.clockSetBack(5_000, 8_000);
  expect(await sendBy()).toBe(8_000);
  await ledger.due.clockSetBack(5_000);
  expect(await sendBy()).toBe(5_000);
});

test('a limit counts for each kind', async () => {
  await waiting(() => 'away');
  await ledger.due.hasten({ kinds, why: 'away', at: 5_000, limit: 1 });
  expect(await due(5_000)).toEqual(['acknowledge', 'scan']);
});

test('who holds the work, and what is due already, is left alone', async () => {
  await waiting(() => 'away');
  const [held] = await ledger.due.claim({ limits: { scan: 1 }, now: 90_000, leaseMs: 500 });
  await ledger.due.hasten({ kinds, why: 'away', at: 5_000 });
  expect(await due(5_000)).toEqual(['acknowledge', 'scan', 'scan']);
  await ledger.due.postpone(held!, { dueAt: 3_000, why: 'away', failed: false });
  await ledger.due.hasten({ kinds, why: 'away', at: 4_000 });
  expect(await ledger.due.nextAt()).toBe(3_000);
});
