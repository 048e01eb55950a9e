import type { Message } from '../../domain/message';
import { messageState } from '../../domain/message';
import type { MessageEvent } from '../../domain/message-event';
import { reason } from '../../domain/reason';
import { nextSeal } from '../seal';
import { changing, countingIds, forwarded, sampleMessage, taking, weighed } from '../test/sample-message';
import type { TemporaryLedger } from '../test/temporary-ledger';
import { openTemporaryLedger } from '../test/temporary-ledger';
import type { Finding } from './finding';
import type { VerifyOptions } from './verify-ledger';
import { verifyLedger } from './verify-ledger';

let temporary: TemporaryLedger;
let ledger: TemporaryLedger['ledger'];

beforeEach(async () => {
  temporary = await openTemporaryLedger();
  ledger = temporary.ledger;
});
afterEach(() => temporary.close());

async function verify(options: Partial<VerifyOptions> = {}): Promise<Finding[]> {
  const findings: Finding[] = [];
  const counts = await verifyLedger({
    file: temporary.file,
    now: () => 1_000_000,
    onFinding: (found) => void findings.push(found),
    ...options,
  });
  expect(counts.findings).toBe(findings.length);
  return findings;
}

/** Commits what happens; work that is done is taken away, as a runner does it. */
async function happen(before: Message, ...events: readonly MessageEvent[]): Promise<Message> {
  const change = changing(before, events);
  await ledger.commit(change);
  const done = {
    weighed: 'scan',
    decided: 'decide',
    delivered: 'confirm',
    submitted: 'deliver',
    acknowledged: 'acknowledge',
  };
  for (const event of events) {
    const kind = done[event.type as keyof typeof done] as string | undefined;
    if (kind === undefined) continue;
    const subject =
      'attachmentId' in event ? event.attachmentId : 'deliveryId' in event ? event.deliveryId : before.id;
    temporary.tamper('delete from due where kind = ? and subject = ?', kind, subject);
  }
  return change.after;
}

async function take(name: string, options: Parameters<typeof sampleMessage>[1] = {}): Promise<Message> {
  const sample = sampleMessage(name, options);
  await ledger.commit(taking(sample));
  return sample.message;
}

async function decide(name: string): Promise<Message> {
  const message = await take(name);
  const [one, two] = message.attachments;
  const scanned = await happen(message, weighed(message, one!.id), weighed(message, two!.id));
  return happen(scanned, forwarded(scanned));
}

async function deliver(name: string): Promise<Message> {
  const decided = await decide(name);
  const deliveryId = decided.deliveries[0]!.id;
  const sent = await happen(
    decided,
    { type: 'intended', deliveryId, at: 5, sendBy: 6 },
    { type: 'submitted', deliveryId, remoteId: `<${name}@hub>` },
  );
  return happen(sent, { type: 'delivered', deliveryId, proof: 'mdn' });
}

async function sealAll(): Promise<void> {
  while ((await ledger.seals.seal(2_000)) !== undefined);
}

describe('a ledger that was written by the bridge', () => {
  test('in every state, beside its writer: nothing is found, and everything is counted', async () => {
    await take('scanning');
    const message = await take('deciding');
    await happen(message, ...message.attachments.map(({ id }) => weighed(message, id)));
    await decide('delivering');
    await deliver('forwarded');
    const held = await happen(await take('held'), {
      type: 'given-up',
      to: 'held',
      reasons: [reason('scan-overdue')],
    });
    temporary.tamper(`delete from due where kind = 'scan' and message_id = ?`, held.id);
    await replay(
      await happen(await take('replayed'), {
        type: 'given-up',
        to: 'dead-letter',
        reasons: [reason('tries-exhausted')],
      }),
    );
    const resent = await happen(
      await take('resent'),
      { type: 'acknowledged' },
      { type: 'resent', gatewayTime: 77_777 },
    );
    await happen(resent, { type: 'resent', gatewayTime: 77_777 });
    const unknown = await decide('unknown');
    const deliveryId = unknown.deliveries[0]!.id;
    await happen(
      unknown,
      { type: 'intended', deliveryId, at: 5, sendBy: 6 },
      { type: 'delivery-unknown', deliveryId, reasons: [reason('delivery-unknown')] },
    );
    await happen(await decide('restored'), { type: 'restored', reasons: [reason('after-restore')] });
    await happen(await deliver('kept'), { type: 'legal-hold', on: true, actor: 'a', why: 'b' });
    const gone = await happen(await deliver('gone'), { type: 'bytes-removed', place: 'forwarded' });
    temporary.tamper('delete from due where message_id = ?', gone.id);
    await sealAll();
    expect(await ledger.retention.archive([gone.id])).toEqual([gone.id]);
    const states = (await ledger.messages.list({ limit: 50 })).items.map(({ message: one }) =>
      messageState(one),
    );
    expect(new Set(states)).toEqual(
      new Set(['scanning', 'deciding', 'delivering', 'forwarded', 'held', 'archived']),
    );
    const seen: string[] = [];
    const exported = async function* () {
      yield* await ledger.seals.list({ after: 0, limit: 100 });
    };
    const hasObject = async (key: string): Promise<boolean> => seen.push(key) > 0;
    expect(await verify({ hasObject, seals: exported() })).toEqual([]);
    expect(seen).toContain('custody-scanning-1');
    expect(seen).not.toContain('custody-gone-1');
    expect(await ledger.retention.forget([gone.id], 10_000)).toEqual([gone.id]);
    expect(await verify({ seals: exported() })).toEqual([]);
  });

  async function replay(message: Message): Promise<void> {
    const newId = countingIds(`${message.id}-again`);
    const obligations = message.obligations.map((obligation) => ({
      ...obligation,
      id: newId(),
      place: 'custody' as const,
      reasons: [],
      deliveryId: null,
    }));
    const groupIds = Object.fromEntries(message.attachments.map(({ id }) => [id, newId()]));
    const again = await happen(message, {
      type: 'replayed',
      command: 'c1',
      actor: 'somebody',
      route: message.route,
      obligations,
      groupIds,
    });
    const scanned = await happen(again, ...again.attachments.map(({ id }) => weighed(again, id)));
    const decided = await happen(scanned, { ...forwarded(scanned), policyVersion: 'later' } as MessageEvent);
    await happen(decided, { type: 'legal-hold', on: true, actor: 'a', why: 'b' });
  }
});

describe('what was altered behind its back is found', () => {
  test.each<[string, string, Finding['check'], RegExp]>([
    [
      'a state',
      `update message set state = 'held'`,
      'state',
      /the row says held, its obligations say forwarded/,
    ],
    ['settled', `update message set settled_at = null`, 'state', /settled is noted nowhere/],
    [
      'an event',
      `update event set event = replace(event, 'mdn', 'nmd')`,
      'audit',
      /event 7 or its hash was altered/,
    ],
    ['a missing event', `delete from event where sequence = 3`, 'audit', /event 3 is missing/],
    ['a cut chain', `delete from event where sequence = 7`, 'audit', /counts 7 events, 6 are there/],
    ['no JSON', `update event set event = '{' where sequence = 2`, 'audit', /no JSON any more/],
    ['a flag', `update message set legal_hold = 1`, 'history', /legalHold differ/],
    ['a route', `update message set route = 'other'`, 'history', /route differ/],
    [
      'evidence',
      `update attachment set scan_evidence = replace(scan_evidence, 'cleared', 'blocked')`,
      'history',
      /attachments differ/,
    ],
    ['a place', `update obligation set place = 'held'`, 'place', /is held, though its delivery is delivered/],
    ['no place', `update obligation set place = 'somewhere'`, 'place', /is nowhere \(somewhere\)/],
    ['a lost delivery', `delete from delivery`, 'place', /travels in delivery .*, which is not there/],
    [
      'another hash',
      `update attachment set sha256 = 'f' || substr(sha256, 2)`,
      'evidence',
      /nothing cleared these bytes/,
    ],
  ])('%s', async (_what, sql, check, words) => {
    const { id } = await deliver('m');
    await sealAll();
    expect(await verify()).toEqual([]);
    temporary.tamper(sql);
    const findings = await verify();
    const found = findings.find((one) => one.check === check && words.test(one.problem));
    expect({ found, findings }).toMatchObject({
      found: { messageId: id, advice: expect.stringMatching(/.{20}/) },
    });
  });

  test.each<[string, string, RegExp]>([
    ['a scan', `delete from due where kind = 'scan'`, /waits for its scan, and no work is due/],
    ['a decision', `delete from due where kind = 'decide'`, /waits for a decision, and no work is due/],
    ['a delivery', `delete from due where kind = 'deliver'`, /is under way, and no work is due/],
    [
      'work about nothing',
      `update due set subject = 'nobody' where kind = 'scan' and subject = 'a-1'`,
      /which is no part of it/,
    ],
  ])('%s that nobody would ever look at again', async (_what, sql, words) => {
    await take('a');
    const message = await take('b');
    await happen(message, ...message.attachments.map(({ id }) => weighed(message, id)));
    await decide('c');
    expect(await verify()).toEqual([]);
    temporary.tamper(sql);
    expect(
      (await verify()).filter(({ check, problem }) => check === 'work' && words.test(problem)),
    ).not.toEqual([]);
  });

  test('work that nobody ended although its time is over', async () => {
    const { id, takenAt } = await take('a');
    const deadlines = { scan: 7_200_000 };
    const at = (now: number): Promise<Finding[]> => verify({ deadlines, now: () => now });
    expect(await at(takenAt + 7_200_000 + 3_600_000)).toEqual([]);
    const late = await at(takenAt + 7_200_000 + 3_600_001);
    expect(late.map(({ check, messageId }) => [check, messageId])).toEqual([
      ['work', id],
      ['work', id],
    ]);
    // In no order: rows of work have none.
    expect(late.map(({ problem }) => problem)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/"scan" of a-1 .* 1970-01-01T02:00:01/),
        expect.stringContaining('"scan" of a-3'),
      ]),
    );
    expect(await verify({ now: () => 1e12 })).toEqual([]);
  });

  test.each<[string, string, RegExp]>([
    [
      'an event whose whole chain was made anew',
      `update event set hash = 'e' || substr(hash, 2) where sequence = 7`,
      /seal 1 holds other events/,
    ],
    [
      'an event that left its seal',
      `update event set seal = null where sequence = 1`,
      /seal 1 holds 7 events, 6 are there/,
    ],
    ['a seal', `update seal set events = 8 where number = 1`, /seal 1 or its hash was altered/],
    ['a missing seal', `delete from seal where number = 1`, /seal 1 is missing: seal 2 stands in its place/],
  ])('%s', async (_what, sql, words) => {
    await deliver('m');
    await sealAll();
    await take('n');
    await sealAll();
    expect(await verify()).toEqual([]);
    temporary.tamper(sql);
    expect(
      (await verify()).filter(({ check, problem }) => check === 'seal' && words.test(problem)),
    ).not.toEqual([]);
  });

  test('a seal file that is not of this ledger, or goes on where the ledger ends', async () => {
    await take('a');
    await sealAll();
    const [seal] = await ledger.seals.list({ after: 0, limit: 1 });
    const problems = async (...seals: readonly ReturnType<typeof nextSeal>[]): Promise<string[]> => {
      const file = async function* () {
        yield* seals;
      };
      return (await verify({ seals: file() })).map(({ problem }) => problem);
    };
    expect(await problems(seal!)).toEqual([]);
    expect(await problems(seal!, nextSeal(seal, ['f'.repeat(64)], 1))).toEqual([
      expect.stringContaining('goes on after seal 1'),
    ]);
    expect(await problems({ ...seal!, events: 7 })).toEqual([
      expect.stringContaining('not the one in the ledger'),
    ]);
    expect(await problems(nextSeal(undefined, ['f'.repeat(64)], 1))).toEqual([
      expect.stringContaining('seal 1 in the seal file is not the one in the ledger'),
    ]);
    expect(await problems()).toEqual([expect.stringContaining('ends at seal 0; the ledger goes on')]);
  });

  test('an object that is missing from custody', async () => {
    const { id } = await take('a');
    expect(await verify({ hasObject: async (key) => key !== 'custody-a-1' })).toMatchObject([
      { check: 'custody', messageId: id, problem: expect.stringContaining('object custody-a-1 ("a-1.xml")') },
    ]);
  });
});
