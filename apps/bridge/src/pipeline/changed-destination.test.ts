/** A destination keeps its name and becomes one of another kind, with a delivery under way: a person looks, the machine asks nobody. */
import type { Destination } from '../destinations/destination';
import type { Message } from '../domain/message';
import type { MessageEvent, Stage } from '../domain/message-event';
import type { DueWork } from '../ledger/ledger';
import { changing, forwarded, sampleMessage, taking, weighed } from '../ledger/test/sample-message';
import type { TemporaryLedger } from '../ledger/test/temporary-ledger';
import { openTemporaryLedger } from '../ledger/test/temporary-ledger';
import { createLogger } from '../telemetry/log';
import { fateOfDelivery } from './consignment';
import type { PipelineContext } from './context';
import { deliveryStage } from './deliver';

let temporary: TemporaryLedger;
beforeEach(async () => (temporary = await openTemporaryLedger()));
afterEach(() => temporary.close());

const first = sampleMessage('m', { attachments: 1 });
const messageId = first.message.id;
const deliveryId = `${messageId}-to-warehouse`;
const intended: MessageEvent = { type: 'intended', deliveryId, at: 1, sendBy: 2 };
const submitted: MessageEvent = { type: 'submitted', deliveryId, remoteId: '<1>' };
const staged: MessageEvent = { type: 'staged', deliveryId, remoteId: 'orders.edi' };

/** The delivery after `events`, its route with onUnknown: resend, and its destination of the kind that it is now. */
async function openCase(events: readonly MessageEvent[], kind: Destination['kind']) {
  const { ledger } = temporary;
  const asked: string[] = [];
  const ask = (question: string) => async () => {
    asked.push(question);
    return { type: 'again', why: 'asked' } as const;
  };
  const destination = {
    kind,
    name: 'warehouse',
    deliver: ask('deliver'),
    confirm: ask('confirm'),
    reconcile: ask('reconcile'),
    fate: ask('fate'),
  } as unknown as Destination;
  const context = {
    ledger,
    destinations: new Map([['warehouse', destination]]),
    routes: [{ name: 'route', onUnknown: 'resend' }],
    activity: { begin: () => ({ progress: () => undefined, end: () => undefined }) },
    log: createLogger({ level: 'error', destination: { write: () => undefined } }),
    metrics: { transition: () => undefined },
    settings: { delivery: { confirmPollMs: 10, tries: 3 } },
    forwardingRefusal: () => null,
    isDoubtful: () => false,
    now: () => 5_000,
    random: () => 0.5,
    wake: () => undefined,
  } as unknown as PipelineContext;
  const message = async (): Promise<Message> => (await ledger.messages.load(messageId))!;
  await ledger.commit(taking(first));
  const clear = (before: Message): MessageEvent => weighed(before, before.attachments[0]!.id);
  for (const event of [clear, forwarded, ...events.map((one) => () => one)]) {
    const before = await message();
    await ledger.commit(changing(before, [event(before)]));
  }
  const claim = async (stage: Stage): Promise<DueWork> => {
    const [work] = await ledger.due.claim({ limits: { [stage]: 1 }, now: 9_000, leaseMs: 1_000 });
    return work!;
  };
  return { context, asked, claim, message };
}

test.each<[string, readonly MessageEvent[], 'deliver' | 'confirm', Destination['kind'], RegExp]>([
  [
    'an intent whose answer was lost',
    [intended],
    'deliver',
    'folder',
    /was an AS2 partner .* is a folder now/,
  ],
  ['a submission', [intended, submitted], 'confirm', 'folder', /was an AS2 partner .* is a folder now/],
  ['a staged file', [staged], 'deliver', 'as2', /was a folder .* is an AS2 partner now/],
])(
  '%s is held with a sentence, also where the route sends again what is unknown',
  async (_what, events, question, kind, why) => {
    const { context, asked, claim, message } = await openCase(events, kind);
    const work = await claim(question);
    expect(await fateOfDelivery(context, work)).toEqual({ type: 'unclear' });
    const stage = deliveryStage(context, question, 1_000);
    expect(await stage.run(work, new AbortController().signal)).toEqual({ type: 'done' });
    const { obligations, deliveries } = await message();
    expect(obligations[0]).toMatchObject({ place: 'held', reasons: [{ code: 'delivery-unknown' }] });
    expect(obligations[0]!.reasons[0]!.text).toMatch(why);
    expect(deliveries[0]!.state).toBe('unknown');

    const search = deliveryStage(context, 'reconcile', 1_000);
    expect(await search.run(await claim('reconcile'), new AbortController().signal)).toMatchObject({
      type: 'later',
      why: expect.stringMatching(why),
    });
    expect(asked).toEqual([]);
  },
);

test('of the kind that it was it is asked as ever, and so is one that was not begun', async () => {
  const one = await openCase([intended], 'as2');
  await deliveryStage(one.context, 'deliver', 1_000).run(
    await one.claim('deliver'),
    new AbortController().signal,
  );
  expect(one.asked).toEqual(['deliver']);
  await temporary.close();
  temporary = await openTemporaryLedger();
  const other = await openCase([], 'folder');
  await deliveryStage(other.context, 'deliver', 1_000).run(
    await other.claim('deliver'),
    new AbortController().signal,
  );
  expect(other.asked).toEqual(['deliver']);
});
