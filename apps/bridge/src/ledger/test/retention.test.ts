import type { Message } from '../../domain/message';
import { reason } from '../../domain/reason';
import type { Change } from '../ledger';
import { removalOf } from '../removal';
import { sealRoot } from '../seal';
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

/** Commits what happens and does the work that it asks for. */
async function commit(change: Change): Promise<Message> {
  await ledger.commit({ ...change, next: [] });
  return change.after;
}

async function delivered(name: string, at: number): Promise<Message> {
  const sample = sampleMessage(name, { takenAt: at });
  const message = await commit(taking(sample));
  const decided = await commit(
    changing(message, [...message.attachments.map(({ id }) => weighed(message, id)), forwarded(message)], at),
  );
  const deliveryId = decided.deliveries[0]!.id;
  return commit(changing(decided, [{ type: 'delivered', deliveryId, proof: 'mdn' }], at));
}

async function held(name: string, at: number): Promise<Message> {
  const message = await commit(taking(sampleMessage(name, { takenAt: at })));
  return commit(changing(message, [{ type: 'given-up', to: 'held', reasons: [reason('scan-overdue')] }], at));
}

const withoutBytes = (message: Message, at: number): Promise<Message> =>
  commit(changing(message, [{ type: 'bytes-removed', place: 'forwarded' }], at));

const holding = (message: Message, on: boolean): Promise<Message> =>
  commit(changing(message, [{ type: 'legal-hold', on, actor: 'somebody', why: 'a lawsuit' }]));

async function sealAll(): Promise<void> {
  await ledger.seals.seal(9_000);
}

const rowsOf = (table: string): unknown =>
  (temporary.query(`select count(*) as rows from ${table}`)[0] as { rows: number }).rows;

describe('bytes', () => {
  const due = (before: number, limit = 10, states: Message['mode'][] | readonly string[] = ['forwarded']) =>
    ledger.retention.bytesDue({ states: states as never, before, limit });

  test('of messages settled before a time, the longest settled first, in the states asked for', async () => {
    const second = await delivered('b', 2_000);
    const first = await delivered('a', 1_000);
    const third = await held('c', 1_500);
    expect(await due(2_000)).toEqual([first.id]);
    expect(await due(2_001)).toEqual([first.id, second.id]);
    expect(await due(2_001, 1)).toEqual([first.id]);
    expect(await due(9_000, 10, ['held', 'dead-letter'])).toEqual([third.id]);
    expect(await due(9_000, 2, ['held', 'forwarded'])).toEqual([third.id, first.id]);
  });

  test('not of what is under legal hold, has work, is in work, or has none left', async () => {
    const kept = await holding(await delivered('a', 1_000), true);
    await withoutBytes(await delivered('b', 1_000), 2_000);
    await commit(taking(sampleMessage('c', { takenAt: 1_000 })));
    const busy = await delivered('d', 1_000);
    await ledger.commit({
      ...changing(busy, [{ type: 'acknowledged' }]),
      next: [{ kind: 'dispose', subject: busy.attachments[0]!.id }],
    });
    expect(await due(9_000)).toEqual([]);
    await holding(kept, false);
    expect(await due(9_000)).toEqual([kept.id]);
  });
});

describe('archiving', () => {
  test('takes the parts, keeps the message and its chain, and only what is sealed and without bytes', async () => {
    const message = await withoutBytes(await delivered('a', 1_000), 2_000);
    const withBytes = await delivered('b', 1_000);
    const query = { before: 9_000, limit: 10 };
    expect(await ledger.retention.archiveDue(query)).toEqual([]);
    expect(await ledger.retention.archive([message.id])).toEqual([]);
    await sealAll();
    expect(await ledger.retention.archiveDue({ before: 1_000, limit: 10 })).toEqual([]);
    expect(await ledger.retention.archiveDue(query)).toEqual([message.id]);
    expect(await ledger.retention.archive([message.id, withBytes.id, 'nobody'])).toEqual([message.id]);
    expect(await ledger.retention.archive([message.id])).toEqual([]);

    expect(await ledger.messages.load(message.id)).toMatchObject({
      attachments: [],
      obligations: [],
      deliveries: [],
      partner: 'ACME',
    });
    expect(await ledger.messages.summary(message.id)).toMatchObject({ state: 'archived' });
    expect(await ledger.audit.verify(message.id)).toMatchObject({ whole: true });
    expect(await ledger.messages.load(withBytes.id)).toEqual(withBytes);
  });

  test('a legal hold that is set after the list was made wins', async () => {
    const message = await withoutBytes(await delivered('a', 1_000), 2_000);
    await sealAll();
    const ids = await ledger.retention.archiveDue({ before: 9_000, limit: 10 });
    expect(ids).toEqual([message.id]);
    const kept = await holding(message, true);
    await sealAll();
    expect(await ledger.retention.archive(ids)).toEqual([]);
    expect(await ledger.messages.load(message.id)).toEqual(kept);
  });

  test('who read the message before cannot write it after', async () => {
    const message = await withoutBytes(await delivered('a', 1_000), 2_000);
    await sealAll();
    await ledger.retention.archive([message.id]);
    await expect(ledger.commit(changing(message, [{ type: 'acknowledged' }]))).rejects.toThrow(/at revision/);
  });
});

describe('forgetting', () => {
  test('takes message, events and commands, keeps the hashes for the seals; only what is archived and sealed', async () => {
    const message = await withoutBytes(await delivered('a', 1_000), 2_000);
    const other = await delivered('b', 1_000);
    await sealAll();
    expect(await ledger.retention.forget([message.id], 10_000)).toEqual([]);
    await ledger.retention.archive([message.id]);
    // Settled long before, and its events sealed at 9,000: by the seals alone it is no older than that.
    expect(await ledger.retention.forgetDue({ before: 9_000, limit: 10 })).toEqual([]);
    expect(await ledger.retention.forgetDue({ before: 9_001, limit: 10 })).toEqual([message.id]);
    const chain = await ledger.messages.timeline(message.id);
    const hashes = chain.map((entry) => entry.hash).sort();
    expect(await ledger.retention.forget([message.id, other.id], 10_000)).toEqual([message.id]);

    expect(await ledger.messages.load(message.id)).toBeUndefined();
    expect(await ledger.messages.timeline(message.id)).toEqual([]);
    const kept = temporary.query('select hash, seal, message_id from forgotten_event order by hash');
    expect(kept).toEqual(hashes.map((hash) => ({ hash, seal: 1, message_id: message.id })));
    const { hash, ...record } = removalOf(message.id, chain, 10_000);
    const rows = temporary.query(
      'select message_id, at, events, head_hash, root, ending, hash, seal from forgotten_message',
    );
    expect(rows).toEqual([
      {
        ...{ message_id: record.messageId, at: 10_000, events: chain.length, head_hash: chain.at(-1)!.hash },
        ...{ root: record.root, ending: record.ending, hash, seal: null },
      },
    ]);
    // Exported as everything else is.
    expect(await ledger.seals.seal(10_001)).toMatchObject({ number: 2, events: 1, root: sealRoot([hash]) });
    expect(await ledger.seals.seal(10_002)).toBeUndefined();
    expect(await ledger.messages.load(other.id)).toEqual(other);
    expect(rowsOf('message')).toBe(1);
  });

  test('not under legal hold', async () => {
    const message = await withoutBytes(await delivered('a', 1_000), 2_000);
    await sealAll();
    await ledger.retention.archive([message.id]);
    const archived = (await ledger.messages.load(message.id))!;
    await holding(archived, true);
    await sealAll();
    expect(await ledger.retention.forgetDue({ before: 9_001, limit: 10 })).toEqual([]);
    expect(await ledger.retention.forget([message.id], 10_000)).toEqual([]);
    expect(rowsOf('forgotten_message')).toBe(0);
  });
});
