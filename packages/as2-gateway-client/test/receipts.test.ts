import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { Writable } from 'node:stream';
import { startPair } from './start-pair';
import type { Pair } from './start-pair';

const attachments = [{ name: 'a', content: Buffer.from('a') }];

describe('receipts', () => {
  let pair: Pair | undefined;
  afterEach(async () => {
    await pair?.close();
    pair = undefined;
  });

  it('of a partner are read, and are there as they came', async () => {
    const bad = 'automatic-action/MDN-sent-automatically; processed/error: authentication-failed';
    pair = await startPair({ outcomeOf: () => ({ box: 'sent', disposition: bad }) });
    const { id } = await pair.gateway.messages.send({ from: 'HUB', to: 'ACME', attachments });
    await expect(pair.gateway.outbox.mdn(id)).rejects.toMatchObject({ name: 'NotFoundError' });
    pair.advance(2000);
    const mdn = await pair.gateway.outbox.mdn(id);
    expect(mdn).toMatchObject({ originalMessageId: id, disposition: { outcome: 'processed-with-error' } });
    expect(mdn.raw).toEqual(await buffer((await pair.gateway.outbox.openMdn(id)).body));
  });

  it('of ours are read as well', async () => {
    pair = await startPair();
    const { messageId } = await pair.sandbox.partner('ACME').send({ attachments });
    expect((await pair.gateway.inbox.mdn(messageId)).disposition?.outcome).toBe('processed');
  });
});

describe('an opened attachment', () => {
  let pair: Pair;
  beforeEach(async () => {
    pair = await startPair();
    await pair.sandbox
      .partner('ACME')
      .send({ attachments: [{ name: 'big', generate: { bytes: 5_000_000, seed: 'x' } }] });
  });
  afterEach(() => pair.close());

  it('goes into a pipeline as it is', async () => {
    let size = 0;
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        size += chunk.length;
        done();
      },
    });
    for await (const {
      attachments: [first],
    } of pair.gateway.inbox.drain())
      await pipeline(await first!.open(), sink);
    expect(size).toBe(5_000_000);
  });

  it('lets go of its connection when its reader stops early', async () => {
    for await (const {
      attachments: [first],
    } of pair.gateway.inbox.drain()) {
      const file = await first!.open();
      for await (const chunk of file) if (chunk.length > 0) break;
      expect(file.body.destroyed).toBe(true);
    }
  });
});
