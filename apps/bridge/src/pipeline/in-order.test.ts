import fc from 'fast-check';
import type { Message } from '../domain/message';
import type { MessageEvent } from '../domain/message-event';
import { reason } from '../domain/reason';
import type { Route } from '../domain/route';
import { changing, sampleMessage, taking } from '../ledger/test/sample-message';
import type { TemporaryLedger } from '../ledger/test/temporary-ledger';
import { openTemporaryLedger } from '../ledger/test/temporary-ledger';
import { createLogger } from '../telemetry/log';
import { createTurns, waitForTurn } from './in-order';

const route = (inOrder: boolean): Route => ({
  name: 'route',
  match: { station: null, partner: null },
  destinations: ['warehouse'],
  onUnknown: 'hold',
  readElsewhere: 'hold',
  inOrder,
});
const routes = [route(true)];

let temporary: TemporaryLedger;
beforeEach(async () => {
  temporary = await openTemporaryLedger();
});
afterEach(() => temporary.close());

/** Messages of one partner, in the order in which the gateway received them. */
async function take(count: number): Promise<readonly Message[]> {
  const samples = Array.from({ length: count }, (_, index) =>
    sampleMessage(`m${String(index)}`, { takenAt: 1_000 + 10 * index, attachments: 1 }),
  );
  for (const sample of samples) await temporary.ledger.commit(taking(sample));
  return samples.map(({ message }) => message);
}

const held: MessageEvent = { type: 'given-up', to: 'held', reasons: [reason('scan-overdue')] };
const dead: MessageEvent = { type: 'given-up', to: 'dead-letter', reasons: [reason('tries-exhausted')] };

async function settle({ id }: Message, event: MessageEvent): Promise<Message> {
  const message = (await temporary.ledger.messages.load(id))!;
  const change = changing(message, [event]);
  await temporary.ledger.commit(change);
  return change.after;
}

test('each waits for the one right before it, and says so; where the route asks for no order nobody waits', async () => {
  const [first, second, third] = await take(3);
  const context = { ledger: temporary.ledger, routes };
  expect(await waitForTurn(context, first!)).toBeNull();
  expect(await waitForTurn(context, second!)).toMatch(new RegExp(`^waits for message ${first!.id}, `));
  expect(await waitForTurn(context, third!)).toMatch(new RegExp(`^waits for message ${second!.id}, `));
  expect(await waitForTurn({ ...context, routes: [route(false)] }, third!)).toBeNull();
});

test.each([
  ['held', held],
  ['a dead letter', dead],
])('one that is %s stops nobody', async (_name, event) => {
  const [first, second] = await take(2);
  await settle(first!, event);
  expect(await waitForTurn({ ledger: temporary.ledger, routes }, second!)).toBeNull();
});

test('the end of one lets the next go on at once, and nobody else', async () => {
  const [first, second] = await take(3);
  const { ledger } = temporary;
  const limits = { scan: 3 };
  // Scans stand for deliveries here: what counts is the reason for which they wait.
  for (const work of await ledger.due.claim({ limits, now: 2_000, leaseMs: 10 })) {
    const message = (await ledger.messages.load(work.messageId))!;
    const why = (await waitForTurn({ ledger, routes }, message)) ?? 'goes its way';
    await ledger.due.postpone(work, { dueAt: 90_000, why, failed: false });
  }
  const hastened: (string | null)[] = [];
  let woken = 0;
  const turns = createTurns({
    ledger: {
      ...ledger,
      due: {
        ...ledger.due,
        hasten: async (query) => {
          hastened.push(query.why);
          await ledger.due.hasten({ ...query, kinds: ['scan'] });
        },
      },
    },
    routes,
    now: () => 5_000,
    wake: () => void (woken += 1),
    log: createLogger({ level: 'error', destination: { write: () => undefined } }),
  });
  turns(await settle(first!, held));
  while (woken === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(hastened).toEqual([`waits for message ${first!.id}, `]);
  const claimed = await ledger.due.claim({ limits, now: 5_000, leaseMs: 10 });
  expect(claimed.map(({ messageId }) => messageId)).toEqual([second!.id]);
});

test('in whatever order scans end and some are held, what is delivered is delivered in the order of the gateway', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('delivered', 'held', 'dead-letter'), { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(fc.nat(1_000)),
      async (ends, draws) => {
        const fresh = await openTemporaryLedger();
        const outer = temporary;
        temporary = fresh;
        try {
          const messages = await take(ends.length);
          const sent: number[] = [];
          const open = new Set(messages.keys());
          // Whoever is drawn has come through its scan and wants to go on; a turn that is refused comes again.
          for (const draw of draws) {
            if (open.size === 0) break;
            const index = [...open][draw % open.size]!;
            const end = ends[index]!;
            const isTurn = (await waitForTurn({ ledger: fresh.ledger, routes }, messages[index]!)) === null;
            if (end === 'delivered' && !isTurn) continue;
            if (end === 'delivered') sent.push(index);
            await settle(messages[index]!, end === 'dead-letter' ? dead : held);
            open.delete(index);
          }
          expect(sent).toEqual([...sent].sort((a, b) => a - b));
          expect(sent).toHaveLength(ends.filter((end) => end === 'delivered').length);
        } finally {
          temporary = outer;
          await fresh.close();
        }
      },
    ),
    { numRuns: 15 },
  );
});
