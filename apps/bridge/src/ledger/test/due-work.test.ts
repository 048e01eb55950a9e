import { StaleChangeError } from '../ledger';
import { sampleMessage, taking } from './sample-message';
import type { TemporaryLedger } from './temporary-ledger';
import { openTemporaryLedger } from './temporary-ledger';

let temporary: TemporaryLedger;
let due: TemporaryLedger['ledger']['due'];

beforeEach(async () => {
  temporary = await openTemporaryLedger();
  due = temporary.ledger.due;
});
afterEach(() => temporary.close());

/** Asks for scans that are due at these times. */
async function askFor(...times: readonly number[]): Promise<void> {
  const { message } = sampleMessage('m');
  const next = times.map((time) => ({ kind: 'scan' as const, subject: `at-${time}`, delayMs: time }));
  await temporary.ledger.commit({ after: message, events: [], next, at: 0 });
}

test('claims the oldest of each kind, up to its limit, and no row twice', async () => {
  await temporary.ledger.commit(taking(sampleMessage('n')));
  await askFor(30, 10, 20, 5_000);
  const first = await due.claim({ limits: { scan: 2, acknowledge: 5, decide: 1 }, now: 1_000, leaseMs: 100 });
  expect(first.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
    'scan at-10',
    'scan at-20',
    'acknowledge n-7',
  ]);
  const second = await due.claim({ limits: { scan: 5 }, now: 1_000, leaseMs: 100 });
  expect(second.map(({ subject }) => subject)).toEqual(['at-30', 'n-1', 'n-3']);
  expect(await due.claim({ limits: { scan: 5, deliver: 0 }, now: 1_000, leaseMs: 100 })).toEqual([]);
  expect(await due.claim({ limits: {}, now: 1_000, leaseMs: 100 })).toEqual([]);
});

test("a lease that ran out is nobody's: claimed again with a greater epoch, attempts unchanged", async () => {
  await askFor(10);
  const [old] = await due.claim({ limits: { scan: 1 }, now: 1_000, leaseMs: 100 });
  expect(await due.claim({ limits: { scan: 1 }, now: 1_099, leaseMs: 100 })).toEqual([]);
  const [taken] = await due.claim({ limits: { scan: 1 }, now: 1_100, leaseMs: 100 });
  expect(taken).toEqual({ ...old, epoch: 2 });
  await expect(due.finish(old!)).rejects.toThrow(StaleChangeError);
  await expect(due.postpone(old!, { dueAt: 1, why: 'late', failed: true })).rejects.toThrow(StaleChangeError);
  await due.finish(taken!);
  await expect(due.finish(taken!)).rejects.toThrow(StaleChangeError);
  expect(await due.count()).toEqual({});
});

test('postponed work waits with its reason; only failures count as tries', async () => {
  await askFor(10);
  const claim = async (now: number): Promise<Awaited<ReturnType<typeof due.claim>>[number] | undefined> =>
    (await due.claim({ limits: { scan: 1 }, now, leaseMs: 100 }))[0];
  await due.postpone((await claim(1_000))!, { dueAt: 2_000, why: 'the scanner is away', failed: true });
  expect(await claim(1_999)).toBeUndefined();
  const second = await claim(2_000);
  expect(second).toMatchObject({ attempts: 1, why: 'the scanner is away', since: 0, dueAt: 2_000, epoch: 2 });
  await due.postpone(second!, { dueAt: 3_000, why: 'still scanning', failed: false });
  expect(await claim(3_000)).toMatchObject({ attempts: 1, why: 'still scanning' });
});

test('asked for again while it waits: the earlier time, a clean slate, the same row', async () => {
  await askFor(10);
  const [work] = await due.claim({ limits: { scan: 1 }, now: 1_000, leaseMs: 100 });
  await due.postpone(work!, { dueAt: 9_000, why: 'later', failed: true });
  const { message } = sampleMessage('n');
  const ask = (delayMs: number): { kind: 'scan'; subject: string; delayMs: number } => ({
    kind: 'scan',
    subject: 'at-10',
    delayMs,
  });
  await temporary.ledger.commit({ after: message, events: [], next: [ask(5_000)], at: 0 });
  const [again] = await due.claim({ limits: { scan: 1 }, now: 5_000, leaseMs: 100 });
  expect(again).toMatchObject({ id: work!.id, dueAt: 5_000, attempts: 0, why: null, revision: 1, since: 0 });
  await due.postpone(again!, { dueAt: 6_000, why: 'later', failed: false });
  await temporary.ledger.commit({ ...taking(sampleMessage('o')), next: [ask(8_000)], at: 0 });
  expect(await due.nextAt()).toBe(6_000);
});

test('nextAt is the earliest time of what nobody holds', async () => {
  expect(await due.nextAt()).toBeUndefined();
  await askFor(500, 2_000);
  expect(await due.nextAt()).toBe(500);
  await due.claim({ limits: { scan: 1 }, now: 1_000, leaseMs: 100 });
  temporary.clock.now = 1_050;
  expect(await due.nextAt()).toBe(2_000);
  temporary.clock.now = 1_100;
  expect(await due.nextAt()).toBe(500);
});

test('at a start all leases are void', async () => {
  await askFor(10, 20);
  const held = await due.claim({ limits: { scan: 2 }, now: 1_000, leaseMs: 1_000_000 });
  await due.voidLeases(Date.now());
  const again = await due.claim({ limits: { scan: 2 }, now: 1_001, leaseMs: 1_000 });
  expect(again).toEqual(held.map((work) => ({ ...work, epoch: 2 })));
});
