import type { Abandoned, Consignment, Destination } from '../destinations/destination';
import { advanceMessage } from '../domain/advance-message';
import type { Message } from '../domain/message';
import type { MessageEvent } from '../domain/message-event';
import type { Change, DueWork } from '../ledger/ledger';
import { forwarded, sampleMessage, weighed } from '../ledger/test/sample-message';
import type { PipelineContext } from './context';
import { withholdDelivery } from './withhold-delivery';

const { message: taken } = sampleMessage('m', { attachments: 1, destinations: ['drive', 'archive'] });
const deliveryId = `${taken.id}-to-drive`;
const play = (message: Message, events: readonly MessageEvent[]): Message =>
  events.reduce((before, event) => advanceMessage(before, event).message, message);
const cleared = play(taken, [weighed(taken, taken.attachments[0]!.id)]);
const decided = play(cleared, [forwarded(cleared)]);
const staged = play(decided, [{ type: 'staged', deliveryId, remoteId: 'orders.edi' }]);

/** What happened, in order, to a staged delivery whose destination says `fate`. */
async function withhold(message: Message, fate: Abandoned | Error) {
  const order: unknown[] = [];
  let stored = message;
  const context = {
    ledger: {
      messages: { load: () => Promise.resolve(stored) },
      due: { finish: () => Promise.resolve() },
      commit(change: Change) {
        order.push(...change.events.map(({ type }) => type));
        stored = change.after;
        return Promise.resolve();
      },
    },
    log: { info: () => undefined, warn: () => undefined },
    metrics: { transition: () => undefined },
    settings: { delivery: { confirmPollMs: 10 } },
    now: () => 1,
    random: () => 0.5,
    wake: () => undefined,
  } as unknown as PipelineContext;
  const destination = {
    fate: () => (fate instanceof Error ? Promise.reject(fate) : Promise.resolve(fate)),
    discard: () => Promise.resolve(void order.push('discard')),
  } as unknown as Destination;
  const work = { messageId: taken.id, subject: deliveryId, since: 0 } as DueWork;
  const result = await withholdDelivery(context, work, {
    destination,
    consignment: { delivery: message.deliveries[0] } as Consignment,
  });
  const own = stored.obligations.filter((one) => one.deliveryId === deliveryId);
  const others = stored.obligations.filter((one) => one.deliveryId !== deliveryId);
  return {
    result: result.type,
    order,
    own: own.map(({ place, reasons }) => [place, ...reasons.map(({ code }) => code)].join(' ')),
    others: others.map(({ place }) => place),
    delivery: stored.deliveries.find(({ id }) => id === deliveryId),
  };
}

test.each([
  ['not begun', decided],
  ['staged', staged],
])(
  '%s: held, noted first and cleared away after it; the other destination is for its own step',
  async (_how, message) => {
    expect(await withhold(message, { type: 'nothing' })).toMatchObject({
      result: 'done',
      order: ['withheld', 'discard'],
      own: ['held scanner-distrusted'],
      others: ['custody'],
      delivery: { state: 'due', remoteId: null },
    });
  },
);

test('what has appeared already stays delivered', async () => {
  expect(await withhold(staged, { type: 'delivered', proof: 'orders.edi' })).toMatchObject({
    result: 'done',
    order: ['delivered'],
    own: ['delivered'],
    delivery: { state: 'delivered' },
  });
});

test.each([
  ['while nobody can say', { type: 'unclear' } as const],
  ['while its destination does not answer', new Error('EIO: i/o error')],
])('%s, it waits', async (_why, fate) => {
  expect(await withhold(staged, fate)).toMatchObject({
    result: 'later',
    order: [],
    own: ['custody'],
  });
});

test('one that was submitted is not withheld: it has left', () => {
  const submitted = play(decided, [
    { type: 'intended', deliveryId, at: 1, sendBy: 2 },
    { type: 'submitted', deliveryId, remoteId: '<1>' },
  ]);
  expect(() => play(submitted, [{ type: 'withheld', deliveryId, reasons: [] }])).toThrow(/is submitted/);
});
