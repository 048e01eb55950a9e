/** Somebody who writes the file with a few plain statements, and leaves events and seals as they are, is found. */
import Database from 'better-sqlite3';
import type { Message } from '../../domain/message';
import type { MessageEvent } from '../../domain/message-event';
import { reason } from '../../domain/reason';
import { changing, countingIds, forwarded, sampleMessage, taking, weighed } from '../test/sample-message';
import type { SampleOptions } from '../test/sample-message';
import type { TemporaryLedger } from '../test/temporary-ledger';
import { openTemporaryLedger } from '../test/temporary-ledger';
import type { Finding } from './finding';
import { verifyLedger } from './verify-ledger';

const parts = ['due', 'attachment', 'obligation', 'delivery'];
let temporary: TemporaryLedger;
let ledger: TemporaryLedger['ledger'];

beforeEach(async () => {
  temporary = await openTemporaryLedger();
  ledger = temporary.ledger;
});
afterEach(() => temporary.close());

async function verify(): Promise<Finding[]> {
  const findings: Finding[] = [];
  const counts = await verifyLedger({
    file: temporary.file,
    now: () => 1_000_000,
    onFinding: (found) => void findings.push(found),
  });
  expect(counts.findings).toBe(findings.length);
  return findings;
}

async function take(name: string, options: SampleOptions = {}): Promise<Message> {
  const taken = taking(sampleMessage(name, options));
  await ledger.commit({ ...taken, next: [] });
  return taken.after;
}

async function happen(before: Message, ...events: readonly MessageEvent[]): Promise<Message> {
  const change = changing(before, events);
  await ledger.commit({ ...change, next: [] });
  return change.after;
}

const clear = (message: Message): Promise<Message> =>
  happen(message, ...message.attachments.map(({ id }) => weighed(message, id)));

async function deliver(message: Message): Promise<Message> {
  const cleared = await clear(message);
  const decided = await happen(cleared, forwarded(cleared));
  const known = new Set(cleared.deliveries.map(({ id }) => id));
  let after = decided;
  for (const { id: deliveryId } of decided.deliveries.filter(({ id }) => !known.has(id)))
    after = await happen(after, { type: 'delivered', deliveryId, proof: 'mdn' });
  return after;
}

async function archive(message: Message): Promise<Message> {
  const removed = await happen(message, { type: 'bytes-removed', place: 'forwarded' });
  await ledger.seals.seal(2_000);
  expect(await ledger.retention.archive([removed.id])).toEqual([removed.id]);
  return removed;
}

const giveUp = (message: Message): Promise<Message> =>
  happen(message, { type: 'given-up', to: 'dead-letter', reasons: [reason('tries-exhausted')] });

async function replay(message: Message): Promise<Message> {
  const newId = countingIds(`${message.id}-again`);
  const obligations = message.obligations
    .filter(({ place }) => place !== 'delivered' && place !== 'quarantined')
    .map((owed) => ({ ...owed, id: newId(), place: 'custody' as const, reasons: [], deliveryId: null }));
  const again = await happen(message, {
    type: 'replayed',
    command: 'c1',
    actor: 'somebody',
    route: message.route,
    obligations,
    groupIds: Object.fromEntries(message.attachments.map(({ id }) => [id, newId()])),
  });
  const cleared = await clear(again);
  const decision = forwarded({
    ...cleared,
    obligations: cleared.obligations.filter(({ place }) => place === 'custody'),
  });
  if (decision.type !== 'decided') throw new Error('not decided');
  const deliveries = decision.deliveries.map((delivery) => ({ ...delivery, id: `${delivery.id}-again` }));
  const decided = await happen(cleared, { ...decision, deliveries });
  return happen(
    decided,
    ...deliveries.map(({ id }): MessageEvent => ({ type: 'delivered', deliveryId: id, proof: 'mdn' })),
  );
}

/** One file forwarded, the other in quarantine, the third held. */
async function mixed(message: Message): Promise<Message> {
  const cleared = await clear(message);
  const [one, two, three] = message.attachments;
  const decided = await happen(cleared, {
    type: 'decided',
    policyVersion: 'test',
    decisions: [
      { attachmentId: one!.id, verdict: 'quarantine', reasons: [] },
      { attachmentId: two!.id, verdict: 'forward', reasons: [] },
      { attachmentId: three!.id, verdict: 'hold', reasons: [] },
    ],
    deliveries: ['warehouse', 'office'].map((destination) => ({
      id: `${message.id}-to-${destination}`,
      destination,
      obligationIds: message.obligations
        .filter((owed) => owed.destination === destination && owed.attachmentId === two!.id)
        .map(({ id }) => id),
    })),
  });
  const [first, second] = decided.deliveries;
  const sent = await happen(
    decided,
    { type: 'delivered', deliveryId: first!.id, proof: 'mdn' },
    { type: 'intended', deliveryId: second!.id, at: 5, sendBy: 6 },
    { type: 'delivery-unknown', deliveryId: second!.id, reasons: [reason('delivery-unknown')] },
  );
  return happen(sent, { type: 'delivered', deliveryId: second!.id, proof: 'found' });
}

test.each<[string, SampleOptions, (message: Message) => Promise<Message>]>([
  ['was delivered', {}, deliver],
  ['was delivered to several', { destinations: ['warehouse', 'office'] }, deliver],
  ['was delivered file by file', { unit: 'attachment' }, deliver],
  ['went several ways', { attachments: 3, destinations: ['warehouse', 'office'] }, mixed],
  ['was never scanned', {}, giveUp],
  ['has no files', { attachments: 0 }, (message) => Promise.resolve(message)],
  ['was replayed', {}, async (message) => replay(await giveUp(message))],
  [
    'was replayed in part',
    { attachments: 3, destinations: ['warehouse', 'office'] },
    async (message) => replay(await mixed(message)),
  ],
  [
    'was restored, sent again, and marked since',
    {},
    async (message) => {
      const cleared = await clear(message);
      const decided = await happen(cleared, forwarded(cleared));
      const restored = await happen(decided, { type: 'restored', reasons: [reason('after-restore')] });
      const replayed = await replay(restored);
      const deliveryId = decided.deliveries[0]!.id;
      return happen(
        replayed,
        { type: 'delivered', deliveryId, proof: 'found late' },
        { type: 'acknowledged' },
        { type: 'legal-hold', on: true, actor: 'a', why: 'b' },
        { type: 'legal-hold', on: false, actor: 'a', why: 'b' },
        { type: 'resent', gatewayTime: 77_777 },
      );
    },
  ],
])('an archived message that %s is no finding', async (_what, options, live) => {
  const archived = await archive(await live(await take('m', options)));
  expect(await verify()).toEqual([]);
  // People may keep what is left of it.
  await happen(
    { ...archived, attachments: [], obligations: [], deliveries: [], revision: archived.revision + 1 },
    {
      type: 'legal-hold',
      on: true,
      actor: 'a',
      why: 'b',
    },
  );
  expect(await verify()).toEqual([]);
});

test('an archived message that was only observed first, and taken for real later', async () => {
  const sample = sampleMessage('m');
  const taken = taking({ ...sample, message: { ...sample.message, mode: 'observe' } });
  await ledger.commit({ ...taken, next: [] });
  const cleared = await clear(taken.after);
  const decision = forwarded(cleared);
  if (decision.type !== 'decided') throw new Error('not decided');
  const { policyVersion, decisions } = decision;
  const observed = await happen(cleared, { type: 'observed', policyVersion, decisions });
  const groupIds = Object.fromEntries(observed.attachments.map(({ id }) => [id, `new-${id}`]));
  await archive(await deliver(await happen(observed, { type: 'enforced', groupIds })));
  const other = sampleMessage('n');
  const seen = taking({ ...other, message: { ...other.message, mode: 'observe' } });
  await ledger.commit({ ...seen, next: [] });
  await archive(await giveUp(seen.after));
  expect(await verify()).toEqual([]);
});

describe('who writes "archived" is not believed', () => {
  function mark({ id }: Message): void {
    for (const part of parts) temporary.tamper(`delete from ${part} where message_id = ?`, id);
    temporary.tamper(
      `update message set state = 'archived', bytes_removed = 1, settled_at = 1 where id = ?`,
      id,
    );
  }

  test.each<[string, (message: Message) => Promise<Message>, RegExp]>([
    ['taken', (message) => Promise.resolve(message), /by its events it is still owed/],
    ['scanned', clear, /by its events it is still owed/],
    [
      'on its way',
      async (message) => {
        const cleared = await clear(message);
        return happen(cleared, forwarded(cleared));
      },
      /by its events it is still owed/,
    ],
    ['delivered, its bytes still there', deliver, /no event tells that its bytes were removed/],
    ['held', giveUp, /no event tells that its bytes were removed/],
  ])('of a message that was %s', async (_what, live, words) => {
    const message = await live(await take('m'));
    await ledger.seals.seal(2_000);
    mark(message);
    const findings = await verify();
    const found = findings.find(({ check, problem }) => check === 'history' && words.test(problem));
    expect({ found, findings }).toMatchObject({ found: { messageId: message.id } });
  });

  test.each([
    ['a hold', 'update message set legal_hold = 1', /legalHold differ/],
    ['the removal of the bytes', 'update message set bytes_removed = 0', /bytesRemoved differ/],
  ])('and %s that no event tells', async (_what, sql, words) => {
    await archive(await deliver(await take('m')));
    temporary.tamper(sql);
    expect(await verify()).toMatchObject([{ check: 'history', problem: expect.stringMatching(words) }]);
  });
});

describe('a message whose row was deleted', () => {
  /** The keys between the tables bind only whoever lets them. */
  async function forge(id: string, tables: readonly string[]): Promise<void> {
    const texts = [...tables.map((part) => `delete from ${part} where message_id = '${id}'`)];
    texts.push(`delete from message where id = '${id}'`);
    if (temporary.file.endsWith('.db')) {
      const database = new Database(temporary.file);
      database.pragma('foreign_keys = off');
      for (const text of texts) database.exec(text);
      database.close();
      return;
    }
    for (const part of ['event', ...parts])
      temporary.tamper(`alter table ${part} drop constraint ${part}_message_id_fkey`);
    for (const text of texts) temporary.tamper(text);
    await ledger.seals.last();
  }

  test.each([
    ['with its work', ['due'], ['event', 'attachment', 'obligation', 'command']],
    ['with all of its parts', parts, ['event', 'command']],
  ])('%s leaves what belongs to no message', async (_how, gone, left) => {
    await deliver(await take('other'));
    const { id } = await take('young');
    await ledger.commands.ask({
      id: 'c1',
      kind: 'replay',
      messageId: id,
      argument: {},
      actor: 'a',
      askedAt: 1_000_000,
    });
    await ledger.seals.seal(2_000);
    await forge(id, gone);
    const orphans = (await verify()).filter(({ check }) => check === 'removal');
    expect(orphans.map(({ messageId, problem }) => [messageId, /"(\w+)"/.exec(problem)?.[1]])).toEqual(
      left.map((part) => [id, part]),
    );
    expect(orphans[0]).toMatchObject({
      problem: 'rows in "event" of messages that are not there: 1, of this one among them',
    });
  });
});
