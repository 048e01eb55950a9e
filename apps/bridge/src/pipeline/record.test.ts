import type { Message } from '../domain/message';
import { advanceMessage } from '../domain/advance-message';
import type { MessageEvent } from '../domain/message-event';
import { StaleChangeError } from '../ledger/ledger';
import { changing, sampleMessage, taking } from '../ledger/test/sample-message';
import type { TemporaryLedger } from '../ledger/test/temporary-ledger';
import { openTemporaryLedger } from '../ledger/test/temporary-ledger';
import { createLogger } from '../telemetry/log';
import type { RecordContext } from './record';
import { foldEvents, record } from './record';

let temporary: TemporaryLedger;
beforeEach(async () => {
  temporary = await openTemporaryLedger();
});
afterEach(() => temporary.close());

function context(): RecordContext {
  return {
    ledger: temporary.ledger,
    log: createLogger({ level: 'error', destination: { write: () => undefined } }),
    metrics: { transition: () => undefined } as unknown as RecordContext['metrics'],
    now: () => 2_000,
    wake: () => undefined,
  };
}

async function take(attachments: number): Promise<Message> {
  const sample = sampleMessage('m', { attachments });
  await temporary.ledger.commit(taking(sample));
  return sample.message;
}

test.each([
  ['as many as may run at a time', 64],
  ['a few', 5],
])(
  '%s on one message at once: none hangs, none is lost, and the chain is whole',
  async (_name, attachments) => {
    const message = await take(attachments);
    const steps = ['file-opened', 'uploaded'] as const;
    for (const type of steps) {
      await Promise.all(
        message.attachments.map(({ id: attachmentId, size, sha256 }) =>
          record(context(), message.id, () => [
            type === 'file-opened'
              ? { type, attachmentId, fileId: `file-${attachmentId}` }
              : { type, attachmentId, bytes: { size, sha256 } },
          ]),
        ),
      );
    }
    const after = await temporary.ledger.messages.load(message.id);
    expect(after!.revision).toBe(2 * attachments);
    for (const { id, scan, size } of after!.attachments)
      expect(scan).toMatchObject({ fileId: `file-${id}`, uploaded: { size } });
    expect(await temporary.ledger.audit.verify(message.id)).toMatchObject({
      whole: true,
      head: { sequence: 2 * attachments + 1 },
    });
  },
  20_000,
);

test('collisions between different kinds of steps, come at different times', async () => {
  const message = await take(8);
  const lanes = message.attachments.map(async ({ id: attachmentId, size, sha256 }, lane) => {
    for (let turn = 0; turn < 10; turn += 1) {
      // Not in step with each other: some hand over to the event loop, some do not.
      for (let pause = 0; pause < lane % 3; pause += 1) await new Promise((resolve) => setImmediate(resolve));
      const events: readonly MessageEvent[] = [
        { type: 'scan-opened', attachmentId, groupId: `g-${String(turn)}` },
        { type: 'file-opened', attachmentId, fileId: `f-${String(turn)}` },
        { type: 'uploaded', attachmentId, bytes: { size, sha256 } },
      ];
      await record(context(), message.id, () => events);
    }
  });
  await Promise.all(lanes);
  const after = await temporary.ledger.messages.load(message.id);
  expect(after!.revision).toBe(80);
  expect(after!.attachments.every(({ scan }) => scan.groupId === 'g-9' && scan.fileId === 'f-9')).toBe(true);
}, 180_000);

const acknowledgeOnce = ({ acknowledged }: Message): readonly MessageEvent[] =>
  acknowledged ? [] : [{ type: 'acknowledged' }];

test('each in its turn sees what the one before has written, and writes nothing where nothing is left to say', async () => {
  const message = await take(1);
  await Promise.all([
    record(context(), message.id, acknowledgeOnce),
    record(context(), message.id, acknowledgeOnce),
  ]);
  expect(await temporary.ledger.messages.timeline(message.id)).toHaveLength(2);
});

test('one that fails does not hold up the next', async () => {
  const message = await take(1);
  const failing = record(context(), message.id, () => {
    throw new Error('cannot decide');
  });
  const next = record(context(), message.id, acknowledgeOnce);
  await expect(failing).rejects.toThrow('cannot decide');
  expect((await next).acknowledged).toBe(true);
});

test('somebody outside of this process was faster: decided anew on what the message has become', async () => {
  const message = await take(1);
  const { ledger } = temporary;
  let isFirst = true;
  const raced: RecordContext = {
    ...context(),
    ledger: {
      ...ledger,
      async commit(change) {
        if (isFirst) await ledger.commit(changing(message, [{ type: 'resent', gatewayTime: 7 }]));
        isFirst = false;
        await ledger.commit(change);
      },
    },
  };
  const seen: number[] = [];
  const after = await record(raced, message.id, (current) => {
    seen.push(current.resends);
    return [{ type: 'acknowledged' }];
  });
  expect(seen).toEqual([0, 1]);
  expect(after).toMatchObject({ acknowledged: true, resends: 1, revision: 2 });
});

test('somebody who is always faster: given up after bounded tries', async () => {
  const message = await take(1);
  const commit = jest.fn(() => Promise.reject(new StaleChangeError('moved on')));
  const raced: RecordContext = { ...context(), ledger: { ...temporary.ledger, commit } };
  await expect(record(raced, message.id, acknowledgeOnce)).rejects.toThrow(StaleChangeError);
  expect(commit).toHaveBeenCalledTimes(21);
});

test('work that somebody else took over is not concluded', async () => {
  const message = await take(1);
  const [work] = await temporary.ledger.due.claim({ limits: { acknowledge: 1 }, now: 2_000, leaseMs: 10 });
  await temporary.ledger.due.claim({ limits: { acknowledge: 1 }, now: 3_000, leaseMs: 10 });
  await expect(
    record(context(), message.id, () => [{ type: 'acknowledged' }], { done: work! }),
  ).rejects.toThrow(StaleChangeError);
  expect((await temporary.ledger.messages.load(message.id))!.acknowledged).toBe(false);
});

test('a message that is not there is a fault', async () => {
  await expect(record(context(), 'none', () => [])).rejects.toThrow('message none is not in the ledger');
});

test('several events are one change, with the work that each asks for', () => {
  const { message } = sampleMessage('m', { attachments: 1 });
  const events: readonly MessageEvent[] = [{ type: 'acknowledged' }, { type: 'resent', gatewayTime: 7 }];
  const { after, effects } = foldEvents(message, events);
  const stepped = events.reduce((before, event) => advanceMessage(before, event).message, message);
  expect(after).toEqual({ ...stepped, revision: message.revision + 1 });
  expect(effects).toEqual([{ kind: 'acknowledge', subject: message.id }]);
});
