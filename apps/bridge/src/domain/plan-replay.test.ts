import fc from 'fast-check';
import { buildEvidence, buildMessage, countingIds } from '../../test/build-message';
import { advanceMessage } from './advance-message';
import type { Message } from './message';
import { isDecided, isSettled } from './message';
import type { Place } from './obligation';
import type { ReplayPlan } from './plan-replay';
import { planReplay } from './plan-replay';
import { reason } from './reason';
import type { Route } from './route';

const route = (destinations: readonly string[]): Route => ({
  name: 'orders',
  match: { station: null, partner: null },
  destinations,
  onUnknown: 'hold',
  readElsewhere: 'hold',
  inOrder: false,
});

interface Given {
  readonly routes?: readonly Route[];
  readonly evenIfSent?: boolean;
}

function plan(
  message: Message,
  { routes = [route(['warehouse'])], evenIfSent = false }: Given = {},
): ReplayPlan {
  return planReplay(message, {
    command: 'c'.repeat(32),
    actor: 'api token',
    evenIfSent,
    routes,
    destinations: new Map(),
    newId: countingIds('f'),
  });
}

/** All obligations of a message in these places, each with the delivery that led there. */
function settledAs(places: readonly Place[], attachments = places.length): Message {
  const message = buildMessage({ attachments });
  const deliveries = message.obligations.map((_, index) => ({
    id: `d${String(index)}`,
    destination: 'warehouse',
    state: places[index] === 'delivered' ? ('delivered' as const) : ('failed' as const),
    intendedAt: 1,
    sendBy: 2,
    remoteId: null,
    proof: null,
  }));
  return {
    ...message,
    attachments: message.attachments.map((attachment) => ({
      ...attachment,
      scan: {
        ...attachment.scan,
        evidence: buildEvidence('cleared'),
        fileId: 'old',
        uploaded: { size: 1, sha256: 'a' },
      },
    })),
    obligations: message.obligations.map((obligation, index) => {
      const place = places[index] ?? 'held';
      const reasons = place === 'held' || place === 'dead-letter' ? [reason('scanner-held')] : [];
      return { ...obligation, place, reasons, deliveryId: `d${String(index)}` };
    }),
    deliveries,
  };
}

const withDelivery = (message: Message, state: Message['deliveries'][number]['state']): Message => ({
  ...message,
  deliveries: message.deliveries.map((delivery) => ({ ...delivery, state })),
});

describe('refused, with a sentence', () => {
  test.each<[string, Message, RegExp, Given?]>([
    ['in work', buildMessage(), /is in work/],
    ['delivered', settledAs(['delivered']), /Nothing of it is held or a dead letter/],
    ['quarantined', settledAs(['quarantined']), /quarantined: .* a release alone/],
    ['delivered and quarantined', settledAs(['delivered', 'quarantined']), /release/],
    [
      'its bytes are gone',
      { ...settledAs(['held']), bytesRemoved: true },
      /ask the partner to send it again/,
    ],
    ['unknown', withDelivery(settledAs(['held']), 'unknown'), /arrive twice.*--even-if-sent/],
    ['submitted, never confirmed', withDelivery(settledAs(['held']), 'submitted'), /arrive twice/],
    ['no route any more', settledAs(['held']), /It would be held again: No route/, { routes: [] }],
    [
      'without an attachment',
      { ...buildMessage({ attachments: 0 }), obligations: settledAs(['held']).obligations },
      /no attachment/,
    ],
  ])('%s', (_name, message, words, ...[given]) => {
    expect(plan(message, given).refusal).toMatch(words);
  });

  test('restored from a backup: it may have gone its way since', () => {
    const message = settledAs(['held']);
    const [obligation] = message.obligations;
    const restored = {
      ...message,
      deliveries: [],
      obligations: [{ ...obligation!, deliveryId: null, reasons: [reason('after-restore')] }],
    };
    expect(plan(restored).refusal).toMatch(/arrive twice/);
    expect(plan(restored, { evenIfSent: true }).refusal).toBeUndefined();
  });

  test('everything held is delivered at the only destination of its route by now', () => {
    const message = settledAs(['held', 'delivered'], 1);
    const [held] = message.obligations;
    const twice = { ...message, obligations: [held!, { ...held!, id: 'x', place: 'delivered' as const }] };
    expect(plan(twice).refusal).toMatch(/Nothing of it is owed/);
  });
});

test('only what was not delivered is owed anew, to each destination that has it not', () => {
  const message = buildMessage({ attachments: 2, destinations: ['warehouse', 'archive'] });
  const places: readonly Place[] = ['delivered', 'held', 'dead-letter', 'delivered'];
  const obligations = message.obligations.map((one, index) => ({ ...one, place: places[index]! }));
  const partly = { ...message, obligations };
  const { event } = plan(partly, { routes: [route(['warehouse', 'archive'])] });
  const [first, second] = message.attachments;
  expect(event!.obligations.map(({ attachmentId, destination }) => [attachmentId, destination])).toEqual([
    [first!.id, 'archive'],
    [second!.id, 'warehouse'],
  ]);
});

test('a replayed message goes its way from a fresh scan, by the route that fits now', () => {
  const message = settledAs(['held']);
  const { event } = plan(message, { routes: [{ ...route(['elsewhere']), name: 'new' }] });
  const { message: after, effects } = advanceMessage(message, event!);
  expect(after.route).toBe('new');
  expect(effects).toEqual([{ kind: 'scan', subject: message.attachments[0]!.id }]);
  expect(after.attachments[0]!.scan).toMatchObject({
    evidence: null,
    fileId: null,
    uploaded: null,
    sanitized: null,
  });
  const [old, fresh] = [message.attachments[0]!.scan, after.attachments[0]!.scan];
  expect(fresh.groupId).not.toBe(old.groupId);
  // The file of the first scan may still be there, and no two may have one name.
  expect(fresh.uploadName).not.toBe(old.uploadName);
  expect(fresh.uploadName).toMatch(/^[0-9a-z]+\.edi$/);
});

test('whatever the places: nothing owed is lost, delivered and quarantined stay, and nothing travels on old evidence', () => {
  const place = fc.constantFrom<Place>('delivered', 'quarantined', 'held', 'dead-letter');
  const names = fc.subarray(['warehouse', 'archive', 'partner'], { minLength: 1 });
  fc.assert(
    fc.property(
      fc.array(place, { minLength: 1, maxLength: 9 }),
      names,
      names,
      fc.boolean(),
      (places, before, after, evenIfSent) => {
        const message = buildMessage({
          attachments: Math.ceil(places.length / before.length),
          destinations: before,
        });
        const settled: Message = {
          ...message,
          attachments: message.attachments.map((one) => ({
            ...one,
            scan: { ...one.scan, evidence: buildEvidence('cleared'), fileId: 'old' },
          })),
          obligations: message.obligations.map((one, index) => ({
            ...one,
            place: places[index % places.length]!,
            reasons: [reason('scanner-held')],
          })),
        };
        const { event } = plan(settled, { routes: [route(after)], evenIfSent });
        if (event === undefined) return;
        const { message: replayed, effects } = advanceMessage(settled, event);

        const stays = (of: Message): unknown =>
          of.obligations.filter((one) => one.place === 'delivered' || one.place === 'quarantined');
        expect(stays(replayed)).toEqual(stays(settled));
        const owed = replayed.obligations.filter((one) => one.place === 'custody');
        expect(owed.length + (stays(replayed) as unknown[]).length).toBe(replayed.obligations.length);
        const key = (one: { attachmentId: string | null; destination: string | null }): string =>
          `${String(one.attachmentId)} ${String(one.destination)}`;
        const keys = replayed.obligations.map(key);
        expect(new Set(keys).size).toBe(keys.length);
        // What waited for a person is owed to every destination of the route, unless it is there or locked away.
        for (const one of settled.obligations.filter(
          ({ place: at }) => at === 'held' || at === 'dead-letter',
        ))
          for (const destination of after) expect(keys).toContain(key({ ...one, destination }));

        expect(isSettled(replayed)).toBe(false);
        expect(isDecided(replayed)).toBe(false);
        const scanned = new Set(effects.map(({ subject }) => subject));
        for (const { attachmentId } of owed) {
          const attachment = replayed.attachments.find(({ id }) => id === attachmentId)!;
          expect(attachment.scan).toMatchObject({ evidence: null, fileId: null, uploaded: null });
          expect(scanned.has(attachment.id)).toBe(true);
        }
        expect(effects.every(({ kind }) => kind === 'scan')).toBe(true);
      },
    ),
  );
});
