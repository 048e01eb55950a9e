import { NotFoundError } from '@mft-bridge/http-transport';
import type { OutboxBox } from '../operations/outbox';
import { parseOutboxMessage } from '../schemas/message';
import { lookForDelivery } from './delivery';
import type { Outbox } from './outbox';

const id = '<1@mftgateway.com>';
const processed = 'automatic-action/MDN-sent-automatically; processed';

function outboxWith(boxes: Partial<Record<OutboxBox, string[]>>, ...answers: (object | 404)[]) {
  const asked: string[] = [];
  const partial: Pick<Outbox, 'get' | 'list'> = {
    get: () => {
      asked.push('get');
      const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? 404;
      if (answer !== 404) return Promise.resolve({ ...parseOutboxMessage(answer), id });
      return Promise.reject(
        new NotFoundError({
          message: 'Message not found',
          operation: 'outbox.get',
          outcome: 'rejected',
          status: 404,
          method: 'GET',
          path: '/message/outbox/{id}',
          headers: {},
          attempts: 1,
        }),
      );
    },
    list: ({ box = 'sent', ...query } = {}) => {
      asked.push(box);
      expect(query.id).toBe(id);
      const ids = boxes[box] ?? [];
      return Promise.resolve({ ids, received: ids.length });
    },
  };
  return { asked, outbox: partial as Outbox };
}

const sent = (receipt: object | undefined, rest: object = {}) => ({
  identifier: id,
  msgStatus: 'Sent',
  ...(receipt ? { mdnMessage: receipt } : {}),
  ...rest,
});

describe('a look at a delivery', () => {
  it('is good with a processed receipt', async () => {
    const { outbox, asked } = outboxWith({}, sent({ disposition: processed, incoming: true }));
    expect(await lookForDelivery(outbox, id)).toMatchObject({
      state: 'sent',
      good: true,
      disposition: { outcome: 'processed' },
    });
    expect(asked).toEqual(['get']);
  });

  it.each([
    ['an error in the receipt', sent({ disposition: `${processed}/error: decryption-failed` })],
    [
      'a failure in the receipt',
      sent({ disposition: 'automatic-action/MDN-sent-automatically; failed/failure: x' }),
    ],
    ['another digest', sent({ disposition: processed }, { micMatches: false })],
    ['no receipt', sent(undefined)],
    ['a receipt without disposition', sent({ humanMessage: 'ok' })],
    ['a receipt that we sent', sent({ disposition: processed, incoming: false })],
    ['a disposition that is not understood', sent({ disposition: `${processed}/novelty` })],
  ])('is sent, but not good, with %s', async (_what, message) => {
    const { outbox } = outboxWith({}, message);
    expect(await lookForDelivery(outbox, id)).toMatchObject({ state: 'sent', good: false });
  });

  it.each([
    ['queued', 'Queued'],
    ['queued', 'Pending'],
    ['failed', 'Failed'],
    ['failed', 'Sending Failed'],
    ['incomplete', 'Incomplete'],
  ] as const)('is %s where the outbox itself says %s', async (state, msgStatus) => {
    const { outbox } = outboxWith({}, { identifier: id, msgStatus });
    expect(await lookForDelivery(outbox, id)).toMatchObject({ state, good: false });
  });

  it.each(['queued', 'failed', 'incomplete'] as const)('is %s where only that list has it', async (box) => {
    const { outbox } = outboxWith({ [box]: ['<other@x>', id] }, 404);
    expect(await lookForDelivery(outbox, id)).toMatchObject({ state: box, good: false });
  });

  it('never takes a 404 for a failure', async () => {
    const { outbox } = outboxWith({}, 404);
    expect(await lookForDelivery(outbox, id)).toEqual({ state: 'unknown', good: false });
  });

  it('is queued while a failed message is being tried again', async () => {
    const { outbox } = outboxWith({ queued: [id], failed: [id, id] }, 404);
    expect(await lookForDelivery(outbox, id)).toMatchObject({ state: 'queued' });
  });

  it('asks the outbox once more before it says failed: the message may have moved meanwhile', async () => {
    const { outbox, asked } = outboxWith({ failed: [id] }, 404, sent({ disposition: processed }));
    expect(await lookForDelivery(outbox, id)).toMatchObject({ state: 'sent', good: true });
    expect(asked).toEqual(['get', 'queued', 'incomplete', 'failed', 'get']);
  });

  it('lets the lists decide about a word that it does not know', async () => {
    const novelty = { identifier: id, msgStatus: 'In Transit', mdnMessage: { disposition: processed } };
    expect(await lookForDelivery(outboxWith({}, novelty).outbox, id)).toMatchObject({
      state: 'unknown',
      good: false,
    });
    expect(await lookForDelivery(outboxWith({ sent: [id] }, novelty).outbox, id)).toMatchObject({
      state: 'sent',
      good: true,
    });
  });
});
