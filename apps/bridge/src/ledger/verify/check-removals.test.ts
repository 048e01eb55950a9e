/** A message that somebody took away behind the bridge's back, and made look as if retention had: it is found. */
import type { Message } from '../../domain/message';
import { canonicalJson } from '../canonical-json';
import { extendChain } from '../chain';
import { removalHash, removalOf } from '../removal';
import type { Removal } from '../removal';
import type { TimelineEntry } from '../ledger';
import { sealRoot } from '../seal';
import type { ForgottenMessageRow } from '../tables';
import { changing, forwarded, sampleMessage, taking, weighed } from '../test/sample-message';
import type { TemporaryLedger } from '../test/temporary-ledger';
import { openTemporaryLedger } from '../test/temporary-ledger';
import type { Finding } from './finding';
import type { VerifyCounts } from './verify-rows';
import { verifyLedger } from './verify-ledger';

const day = 86_400_000;
const keptMs = 10 * day;
const forgottenAt = 30 * day;
let temporary: TemporaryLedger;
let ledger: TemporaryLedger['ledger'];

beforeEach(async () => {
  temporary = await openTemporaryLedger();
  ledger = temporary.ledger;
});
afterEach(() => temporary.close());

async function verify(): Promise<{ findings: Finding[]; counts: VerifyCounts }> {
  const findings: Finding[] = [];
  const counts = await verifyLedger({
    file: temporary.file,
    now: () => forgottenAt + day,
    keptMs,
    onFinding: (found) => void findings.push(found),
  });
  return { findings, counts };
}

/** A message that was delivered on its day, its events sealed on the same. */
async function deliver(name: string, at: number): Promise<Message> {
  const taken = taking(sampleMessage(name, { takenAt: at }));
  await ledger.commit({ ...taken, next: [] });
  const { attachments } = taken.after;
  const cleared = attachments.map(({ id }) => weighed(taken.after, id));
  const decided = changing(taken.after, [...cleared, forwarded(taken.after)], at);
  await ledger.commit({ ...decided, next: [] });
  const deliveryId = decided.after.deliveries[0]!.id;
  const ended = changing(decided.after, [{ type: 'delivered', deliveryId, proof: 'mdn' }], at);
  await ledger.commit({ ...ended, next: [] });
  await ledger.seals.seal(at + 5_000);
  return ended.after;
}

async function forget(message: Message, { thenSeal = true } = {}): Promise<void> {
  const removed = changing(message, [{ type: 'bytes-removed', place: 'forwarded' }], message.takenAt + day);
  await ledger.commit({ ...removed, next: [] });
  await ledger.seals.seal(message.takenAt + day + 5_000);
  expect(await ledger.retention.archive([message.id])).toEqual([message.id]);
  expect(await ledger.retention.forgetDue({ before: forgottenAt - keptMs, limit: 10 })).toEqual([message.id]);
  expect(await ledger.retention.forget([message.id], forgottenAt)).toEqual([message.id]);
  if (thenSeal) await ledger.seals.seal(forgottenAt + 5_000);
}

function keepHashes(id: string, as: string): void {
  temporary.tamper(
    `insert into forgotten_event (hash, seal, message_id) select hash, seal, ? from event where message_id = ?`,
    as,
    id,
  );
}

/** What somebody with access to the file does; the bridge runs on, and seals what it finds. */
async function takeAway(
  { id }: Message,
  { as = id, record }: { as?: string; record?: Removal },
): Promise<void> {
  keepHashes(id, as);
  for (const table of ['attachment', 'obligation', 'delivery', 'event', 'due'])
    temporary.tamper(`delete from ${table} where message_id = ?`, id);
  temporary.tamper('delete from message where id = ?', id);
  if (record === undefined) return;
  temporary.tamper(
    'insert into forgotten_message (message_id, at, events, head_hash, root, ending, hash) values (?, ?, ?, ?, ?, ?, ?)',
    ...[record.messageId, record.at, record.events, record.headHash, record.root, record.ending, record.hash],
  );
  await ledger.seals.seal(record.at + 5_000);
}

const timelineOf = ({ id }: Message): Promise<readonly TimelineEntry[]> => ledger.messages.timeline(id);

test('what retention forgot in its time is accounted for', async () => {
  await forget(await deliver('old', day));
  const { findings, counts } = await verify();
  expect(findings).toEqual([]);
  expect(counts).toMatchObject({ forgotten: 1, messages: 0, findings: 0 });
});

describe('a message of which only hashes are left is found', () => {
  let old: Message;
  let young: Message;
  beforeEach(async () => {
    old = await deliver('old', day);
    young = await deliver('young', 25 * day);
    await forget(old);
  });

  test.each<[string, () => Promise<void>, RegExp]>([
    ['without a record', () => takeAway(young, {}), /no record says that retention did it/],
    ['as of an earlier version', () => takeAway(young, { as: '' }), /no record says that retention did it/],
    ['as events of another', () => takeAway(young, { as: old.id }), /or others are left of it/],
    [
      'with a record that fits, which the bridge itself sealed',
      async () => takeAway(young, { record: removalOf(young.id, await timelineOf(young), forgottenAt) }),
      /forgotten 5 days after the newest of its events; they are to be kept for 10/,
    ],
    [
      'with a record of a time to come',
      async () => takeAway(young, { record: removalOf(young.id, await timelineOf(young), 20 * day) }),
      /forgotten -?\d+ days after the newest/,
    ],
    [
      'with a record that says less',
      async () =>
        takeAway(young, { record: removalOf(young.id, (await timelineOf(young)).slice(1), forgottenAt) }),
      /or others are left of it/,
    ],
  ])('%s', async (_how, attack, words) => {
    expect((await verify()).findings).toEqual([]);
    await attack();
    const { findings } = await verify();
    const [found] = findings.filter(({ check, problem }) => check === 'removal' && words.test(problem));
    expect({ found, findings }).toMatchObject({ found: { advice: expect.stringMatching(/.{20}/) } });
  });

  test.each([
    ['the record', 'delete from forgotten_message'],
    ['its seal', 'update forgotten_message set seal = null'],
    ['a hash', 'delete from forgotten_event where hash = (select min(hash) from forgotten_event)'],
  ])('and where %s is taken away later', async (_what, sql) => {
    temporary.tamper(sql);
    expect((await verify()).findings.map(({ check }) => check)).toEqual(expect.arrayContaining(['seal']));
  });
});

describe('a young message is found', () => {
  test('that is hidden in the record of an old one before the bridge seals it', async () => {
    const old = await deliver('old', day);
    const young = await deliver('young', 25 * day);
    const hashes = (await timelineOf(young)).map(({ hash }) => hash);
    await forget(old, { thenSeal: false });
    const [row] = temporary.query('select * from forgotten_message') as ForgottenMessageRow[];
    const left = temporary.query('select hash from forgotten_event') as { hash: string }[];
    await takeAway(young, { as: old.id });
    const { message_id: messageId, head_hash: headHash, at, ending } = row!;
    const all = [...left.map(({ hash }) => hash), ...hashes];
    const made = { messageId, at, events: all.length, headHash, root: sealRoot(all), ending };
    temporary.tamper(
      'update forgotten_message set events = ?, root = ?, hash = ?',
      ...[made.events, made.root, removalHash(made)],
    );
    await ledger.seals.seal(forgottenAt + 5_000);
    const { findings } = await verify();
    expect(findings.map(({ check }) => check)).toEqual(['removal', 'removal']);
    expect(findings.map(({ problem }) => problem).join(', ')).toMatch(
      /how it ended was made up: .*, it was forgotten 5 days after the newest/,
    );
  });

  test('whose end was made up in its own chain, and sealed by the bridge', async () => {
    const young = await deliver('young', 25 * day);
    const known = await timelineOf(young);
    const last = known.at(-1)!;
    const { entries } = extendChain(
      young.id,
      { sequence: last.sequence, hash: last.hash },
      [{ type: 'bytes-removed', place: 'forwarded' }],
      26 * day,
    );
    const [added] = entries;
    temporary.tamper(
      'insert into event (message_id, sequence, at, event, hash) values (?, ?, ?, ?, ?)',
      ...[young.id, added!.sequence, added!.at, canonicalJson(added!.event), added!.hash],
    );
    await ledger.seals.seal(26 * day);
    await takeAway(young, { record: removalOf(young.id, [...known, ...entries], forgottenAt) });
    const { findings } = await verify();
    expect(findings.map(({ problem }) => problem)).toEqual([
      'it was forgotten 4 days after the newest of its events; they are to be kept for 10 days',
    ]);
  });
});
