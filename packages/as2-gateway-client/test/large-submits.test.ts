import { Readable } from 'node:stream';
import { forgetNotices } from '../src/client-events';
import { isConnectionError, isPayloadTooLargeError } from '../src/index';
import type { HintEvent } from '../src/index';
import { startPair } from './start-pair';
import type { Pair } from './start-pair';

const MB = 1_000_000;
const message = (...attachments: { name: string; content: Buffer | (() => Readable); size?: number }[]) => ({
  from: 'HUB',
  to: 'ACME',
  attachments,
});
const bytes = (name: string, size: number) => ({ name, content: Buffer.alloc(size) });
const stream = (name: string, size: number) => ({
  name,
  content: () => Readable.from([Buffer.alloc(size / 2), Buffer.alloc(size / 2)], { objectMode: false }),
});

describe('a submit of more than 3 MB', () => {
  let pair: Pair;
  beforeEach(async () => {
    forgetNotices();
    pair = await startPair();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await pair.close();
  });

  it.each([
    ['bytes', message(bytes('a', 3.1 * MB))],
    ['a stream of a known length', message({ ...stream('a', 4 * MB), size: 4 * MB })],
    ['a stream of an unknown length', message(stream('a', 4 * MB))],
    ['several attachments together', message(bytes('a', 2 * MB), stream('b', 2 * MB))],
  ])('is sent with a hint, once: %s', async (_what, given) => {
    const hints: HintEvent[] = [];
    pair.gateway.on('hint', (hint) => hints.push(hint));
    await pair.gateway.messages.send(given);
    expect(hints).toEqual([
      { operation: 'messages.send', notice: expect.stringMatching(/3 MB[\s\S]*S3 or SFTP/) },
    ]);
    await pair.gateway.messages.send(given);
    expect(hints).toHaveLength(2); // listeners hear of each message
    pair.advance(2000);
    expect(pair.sandbox.partner('ACME').received).toHaveLength(2);
  });

  it.each([
    ['large', 4 * MB, /findSubmission before you send it again\..*hang up without.*S3 or SFTP/s],
    ['small', MB, /findSubmission before you send it again\.$/],
  ])(
    'names the other ways as well where a server hangs up without an answer: %s',
    async (_what, size, says) => {
      pair.gateway.on('hint', () => undefined);
      pair.sandbox.faults.add({
        on: 'POST /message/submit',
        fault: { kind: 'reset', when: 'mid-body', afterBytes: 1000 },
      });
      const error: unknown = await pair.gateway.messages
        .send(message(bytes('a', size)))
        .catch((reason: unknown) => reason);
      expect(isConnectionError(error)).toBe(true);
      expect(error).toMatchObject({ outcome: 'unknown', attempts: 1, message: expect.stringMatching(says) });
      expect((error as Error).message).not.toMatch(/Look at the log/);
    },
  );

  it.each([
    ['bytes', message(bytes('a', 12 * MB))],
    ['a stream', message({ ...stream('a', 12 * MB), size: 12 * MB })],
  ])('is a typed refusal above the limit each time, with the other ways: %s', async (_what, given) => {
    pair.gateway.on('hint', () => undefined);
    for (let time = 0; time < 20; time += 1) {
      const error: unknown = await pair.gateway.messages.send(given).catch((reason: unknown) => reason);
      expect(isPayloadTooLargeError(error)).toBe(true);
      expect(error).toMatchObject({ outcome: 'rejected', attempts: 1 });
      expect((error as Error).message).toMatch(/S3 or SFTP/);
    }
  });

  it('says nothing below', async () => {
    const hints: HintEvent[] = [];
    pair.gateway.on('hint', (hint) => hints.push(hint));
    await pair.gateway.messages.send(message(bytes('a', 2.9 * MB)));
    await pair.gateway.messages.send(message(stream('a', 2 * MB)));
    expect(hints).toEqual([]);
  });

  it('warns once in a process where nobody listens, and still calls onSent', async () => {
    const warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const sent: number[] = [];
    for (let count = 0; count < 2; count += 1) {
      await pair.gateway.messages.send(message(stream('a', 4 * MB)), { onSent: (each) => sent.push(each) });
    }
    expect(warning).toHaveBeenCalledTimes(1);
    expect(Math.max(...sent)).toBe(4 * MB);
  });
});
