import { StaleChangeError } from '../ledger';
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

async function take(
  ...args: Parameters<typeof sampleMessage>
): Promise<ReturnType<typeof sampleMessage>['message']> {
  const sample = sampleMessage(...args);
  await ledger.commit(taking(sample));
  return sample.message;
}

describe('a message', () => {
  test('is loaded as it was stored, with sizes beyond 32 bits and any name', async () => {
    const name = '../../etc/\u0000pässwörd 文件 "\'; drop table message;--.xml';
    const message = await take('m', { name, attachments: 3, destinations: ['b', 'a'] });
    expect(await ledger.messages.load(message.id)).toEqual(message);
    expect(await ledger.messages.load('nobody')).toBeUndefined();
  });

  test('is found by its parts and by the gateway id, oldest first', async () => {
    const second = await take('x', { gatewayId: '<same>', takenAt: 2_000 });
    const first = await take('y', { gatewayId: '<same>', takenAt: 1_000 });
    const decided = changing(first, [
      ...first.attachments.map(({ id }) => weighed(first, id)),
      forwarded(first),
    ]);
    await ledger.commit(decided);
    expect(await ledger.messages.findByGatewayId('<same>')).toEqual([decided.after, second]);
    expect(await ledger.messages.findByGatewayId('<other>')).toEqual([]);
    expect(await ledger.messages.loadBySubject('attachment', second.attachments[1]!.id)).toEqual(second);
    expect(await ledger.messages.loadBySubject('delivery', decided.after.deliveries[0]!.id)).toEqual(
      decided.after,
    );
    expect(await ledger.messages.loadBySubject('delivery', second.attachments[1]!.id)).toBeUndefined();
  });

  test('keeps the order of its parts when they are moved, removed and added', async () => {
    const message = await take('m', { attachments: 3, destinations: ['a', 'b'] });
    const [first, second, third] = message.attachments;
    const after = {
      ...message,
      revision: 1,
      attachments: [third!, { ...second!, id: 'new', custodyKey: 'new' }, first!],
      obligations: [...message.obligations].reverse().slice(1),
    };
    await ledger.commit({ before: message, after, events: [], next: [], at: 2 });
    expect(await ledger.messages.load(message.id)).toEqual(after);
  });

  test('taken twice under one id is refused, and the first stays', async () => {
    const message = await take('m');
    await expect(ledger.commit(taking(sampleMessage('m', { name: 'other' })))).rejects.toThrow(
      StaleChangeError,
    );
    expect(await ledger.messages.load(message.id)).toEqual(message);
  });
});

describe('two writers', () => {
  test('of one revision: the second is refused and nothing of it is written', async () => {
    const message = await take('m');
    const [one, two] = message.attachments.map(({ id }) => changing(message, [weighed(message, id)]));
    const answers = await Promise.allSettled([ledger.commit(one!), ledger.commit(two!)]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(answers[1]).toHaveProperty('reason', expect.any(StaleChangeError));
    expect(await ledger.messages.load(message.id)).toEqual(one!.after);
    expect(await ledger.messages.timeline(message.id)).toHaveLength(2);
    // Later, no longer in one group, it is refused as well.
    await expect(ledger.commit(two!)).rejects.toThrow(StaleChangeError);
  });

  test('of one revision, where no event tells them apart: the second is refused as well', async () => {
    const message = await take('m');
    const silent = (subject: string): Promise<void> =>
      ledger.commit({
        before: message,
        after: { ...message, subject, revision: 1 },
        events: [],
        next: [],
        at: 2,
      });
    const answers = await Promise.allSettled([silent('one'), silent('two')]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(answers[1]).toHaveProperty('reason', expect.any(StaleChangeError));
    expect((await ledger.messages.load(message.id))?.subject).toBe('one');
  });

  test('a revision that does not grow is refused as a fault of the caller', async () => {
    const message = await take('m');
    const change = changing(message, [{ type: 'acknowledged' }]);
    await expect(ledger.commit({ ...change, after: { ...change.after, revision: 0 } })).rejects.toThrow(
      RangeError,
    );
  });

  test('a message that is not there is stale, not an error of the database', async () => {
    await expect(
      ledger.commit(changing(sampleMessage('m').message, [{ type: 'acknowledged' }])),
    ).rejects.toThrow(StaleChangeError);
  });
});

describe('work', () => {
  const limits = { acknowledge: 10, scan: 10, decide: 10, deliver: 10 };

  test('a step writes its outcome, ends its row and asks for the next in one program', async () => {
    const message = await take('m', { attachments: 1 });
    const claimed = await ledger.due.claim({ limits, now: 1_000, leaseMs: 1_000 });
    const scan = claimed.find(({ kind }) => kind === 'scan')!;
    await ledger.commit({ ...changing(message, [weighed(message, scan.subject)]), done: scan });
    expect(await ledger.due.count()).toEqual({ acknowledge: 1, decide: 1 });
  });

  test('a stage may ask for itself', async () => {
    const message = await take('m', { attachments: 1 });
    const [work] = await ledger.due.claim({ limits: { acknowledge: 1 }, now: 1_000, leaseMs: 1_000 });
    await ledger.commit({
      ...changing(message, [{ type: 'resent', gatewayTime: null }], 1_500),
      done: work!,
    });
    const [again] = await ledger.due.claim({ limits: { acknowledge: 1 }, now: 1_500, leaseMs: 1_000 });
    expect(again).toMatchObject({ subject: message.id, attempts: 0, revision: 0, epoch: 1, since: 1_500 });
    expect(again!.id).not.toBe(work!.id);
  });

  test('of an older claim writes nothing at all', async () => {
    const message = await take('m', { attachments: 1 });
    const [old] = await ledger.due.claim({ limits: { scan: 1 }, now: 1_000, leaseMs: 100 });
    const [taken] = await ledger.due.claim({ limits: { scan: 1 }, now: 1_100, leaseMs: 100 });
    expect(taken).toMatchObject({ id: old!.id, epoch: old!.epoch + 1 });
    const change = changing(message, [weighed(message, old!.subject)]);
    await expect(ledger.commit({ ...change, done: old! })).rejects.toThrow(StaleChangeError);
    expect(await ledger.messages.load(message.id)).toEqual(message);
    expect(await ledger.messages.timeline(message.id)).toHaveLength(1);
    expect((await ledger.due.count()).decide).toBeUndefined();
    await ledger.commit({ ...change, done: taken! });
  });

  test('asked for while somebody does it is done once more', async () => {
    const message = await take('m', { attachments: 1 });
    const [running] = await ledger.due.claim({ limits: { acknowledge: 1 }, now: 1_000, leaseMs: 60_000 });
    const resent = changing(message, [{ type: 'resent', gatewayTime: null }]);
    await ledger.commit(resent);
    // Not given to a second one meanwhile.
    expect(await ledger.due.claim({ limits: { acknowledge: 1 }, now: 1_001, leaseMs: 60_000 })).toEqual([]);
    await expect(
      ledger.commit({ ...changing(resent.after, [{ type: 'acknowledged' }]), done: running! }),
    ).rejects.toThrow(StaleChangeError);
    await expect(ledger.due.finish(running!)).rejects.toThrow(StaleChangeError);
    await ledger.due.postpone(running!, { dueAt: 99_000, why: 'old news', failed: true });
    const [again] = await ledger.due.claim({ limits: { acknowledge: 1 }, now: 1_001, leaseMs: 60_000 });
    expect(again).toMatchObject({ id: running!.id, revision: 1, epoch: 2, attempts: 0, why: null });
    await ledger.commit({ ...changing(resent.after, [{ type: 'acknowledged' }]), done: again! });
    expect(await ledger.due.count()).toEqual({ scan: 1 });
  });
});

describe('a remote id', () => {
  async function deciding(prefix: string, destination = 'warehouse'): Promise<ReturnType<typeof changing>> {
    const message = await take(prefix, { attachments: 1, destinations: [destination] });
    const change = changing(message, [weighed(message, message.attachments[0]!.id), forwarded(message)]);
    await ledger.commit(change);
    return change;
  }

  test.each([
    ['one delivery only', 'warehouse'],
    ['one delivery only, also where the destination was renamed meanwhile', 'depot'],
  ])('is claimed by %s, and kept by it', async (_by, renamed) => {
    const [one, two] = [(await deciding('m')).after, (await deciding('n', renamed)).after];
    const submit = (message: typeof one): ReturnType<typeof changing> =>
      changing(message, [
        { type: 'intended', deliveryId: message.deliveries[0]!.id, at: 1, sendBy: 100 },
        { type: 'submitted', deliveryId: message.deliveries[0]!.id, remoteId: '<out-1>' },
      ]);
    expect(await ledger.messages.isRemoteIdClaimed('<out-1>')).toBe(false);
    const first = submit(one);
    await ledger.commit(first);
    expect(await ledger.messages.isRemoteIdClaimed('<out-1>')).toBe(true);
    expect(await ledger.messages.isRemoteIdClaimed('<out-2>')).toBe(false);
    await expect(ledger.commit(submit(two))).rejects.toThrow(StaleChangeError);
    const { id } = one.deliveries[0]!;
    await ledger.commit(changing(first.after, [{ type: 'delivered', deliveryId: id, proof: 'MDN' }]));
    expect(await ledger.messages.isRemoteIdClaimed('<out-1>')).toBe(true);
    await expect(ledger.commit(submit(two))).rejects.toThrow(StaleChangeError);
    expect(await ledger.messages.load(two.id)).toEqual(two);
  });

  test('that names a staged file may come again', async () => {
    for (const prefix of ['m', 'n']) {
      const { after } = await deciding(prefix);
      const deliveryId = after.deliveries[0]!.id;
      const staged = changing(after, [{ type: 'staged', deliveryId, remoteId: 'invoice.xml' }]);
      await ledger.commit(staged);
      await ledger.commit(
        changing(staged.after, [{ type: 'delivered', deliveryId, proof: '/out/invoice.xml' }]),
      );
    }
    expect(await ledger.messages.isRemoteIdClaimed('invoice.xml')).toBe(false);
  });
});

test('custody keys of originals and sanitized bytes count as referred to, whatever their number', async () => {
  const message = await take('m', { attachments: 1 });
  const { id, custodyKey } = message.attachments[0]!;
  const event = { ...weighed(message, id), sanitized: { size: 1, sha256: 's', custodyKey: 'clean' } };
  await ledger.commit(changing(message, [event]));
  const unknown = Array.from({ length: 120 }, (_, index) => `stray-${index}`);
  const found = await ledger.messages.referredCustodyKeys([...unknown, custodyKey, 'clean']);
  expect([...found].sort()).toEqual(['clean', custodyKey].sort());
  expect(await ledger.messages.referredCustodyKeys([])).toEqual(new Set());
});

describe('the audit chain', () => {
  beforeEach(async () => {
    const message = await take('m', { attachments: 1 });
    await ledger.commit(
      changing(message, [{ type: 'acknowledged' }, weighed(message, message.attachments[0]!.id)]),
    );
  });
  const id = sampleMessage('m', { attachments: 1 }).message.id;

  test('is whole, numbered, and readable as a timeline', async () => {
    const timeline = await ledger.messages.timeline(id);
    expect(timeline.map(({ sequence, event }) => [sequence, event.type])).toEqual([
      [1, 'taken'],
      [2, 'acknowledged'],
      [3, 'weighed'],
    ]);
    expect(await ledger.audit.verify(id)).toMatchObject({ whole: true, head: { sequence: 3 } });
    expect(await ledger.audit.verify('nobody')).toBeUndefined();
  });

  test.each([
    ['an edit', `update event set event = replace(event, '"bytes":5', '"bytes":6') where sequence = 1`, 1],
    ['an edited time', `update event set at = at + 1 where sequence = 2`, 2],
    ['what is no JSON any more', `update event set event = 'gone' where sequence = 2`, 2],
    ['a hole', `delete from event where sequence = 2`, 2],
    ['truncation', `delete from event where sequence = 3`, 3],
    ['an edited head', `update message set head_sequence = 2`, 3],
  ])('shows %s', async (_what, sql, sequence) => {
    temporary.tamper(sql);
    expect(await ledger.audit.verify(id)).toMatchObject({ whole: false, sequence });
  });
});
