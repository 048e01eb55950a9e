import { InvalidCursorError } from '../message-list';
import { changing, sampleMessage, taking, weighed } from './sample-message';
import type { TemporaryLedger } from './temporary-ledger';
import { openTemporaryLedger } from './temporary-ledger';

let temporary: TemporaryLedger;
let messages: TemporaryLedger['ledger']['messages'];

beforeEach(async () => {
  temporary = await openTemporaryLedger();
  messages = temporary.ledger.messages;
  // Three of each time, so that pages end within equal times.
  for (let count = 0; count < 12; count += 1) {
    await temporary.ledger.commit(
      taking(sampleMessage(`m${count}`, { takenAt: 1_000 + Math.floor(count / 3), attachments: 1 })),
    );
  }
});
afterEach(() => temporary.close());

test('pages are newest first, meet without a gap or an overlap, and end', async () => {
  const whole = (await messages.list({ limit: 100 })).items.map(({ message }) => message);
  expect(whole).toHaveLength(12);
  for (const [index, message] of whole.slice(1).entries()) {
    const previous = whole[index]!;
    expect([previous.takenAt, previous.id] > [message.takenAt, message.id]).toBe(true);
  }
  const paged: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await messages.list({ limit: 5, ...(cursor === undefined ? {} : { cursor }) });
    paged.push(...page.items.map(({ message }) => message.id));
    // One that comes meanwhile shifts nothing.
    await temporary.ledger.commit(taking(sampleMessage(`new${paged.length}`, { takenAt: 9_000 })));
    cursor = page.next;
  } while (cursor !== undefined);
  expect(paged).toEqual(whole.map(({ id }) => id));
});

test('a full last page has no next', async () => {
  expect(await messages.list({ limit: 12 })).not.toHaveProperty('next');
  expect(await messages.list({ limit: 11 })).toHaveProperty('next', expect.any(String));
});

test('by state, with the work that waits; counts agree', async () => {
  const { message } = (await messages.list({ limit: 1 })).items[0]!;
  const done = changing(message, [weighed(message, message.attachments[0]!.id)]);
  await temporary.ledger.commit(done);
  const { items } = await messages.list({ state: 'deciding', limit: 10 });
  expect(items).toEqual([await messages.summary(message.id)]);
  expect(items[0]).toMatchObject({ message: done.after, state: 'deciding' });
  expect(items[0]!.waiting.map(({ kind }) => kind).sort()).toEqual(['acknowledge', 'decide', 'scan']);
  expect(await messages.countByState()).toEqual({ scanning: 11, deciding: 1 });
  expect((await messages.list({ state: 'forwarded', limit: 10 })).items).toEqual([]);
  expect(await messages.summary('nobody')).toBeUndefined();
});

test.each(['', 'nonsense', Buffer.from('x y').toString('base64url')])(
  'the cursor %p is refused',
  async (cursor) => {
    await expect(messages.list({ limit: 1, cursor })).rejects.toThrow(InvalidCursorError);
  },
);
