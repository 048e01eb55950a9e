import { buffer } from 'node:stream/consumers';
import { startPair } from './start-pair';
import type { Pair } from './start-pair';

describe('draining a real inbox', () => {
  let pair: Pair | undefined;
  afterEach(async () => {
    await pair?.close();
    pair = undefined;
  });

  it('takes more than a page, oldest first, with four calls for each message', async () => {
    const { sandbox, gateway } = (pair = await startPair());
    const sent: string[] = [];
    for (let index = 0; index < 130; index += 1) {
      const content = Buffer.from(`order ${String(index)}`);
      sent.push(
        (await sandbox.partner('ACME').send({ attachments: [{ name: 'a.txt', content }] })).messageId,
      );
    }
    const taken: string[] = [];
    for await (const message of gateway.inbox.drain({ station: 'HUB' })) {
      const bytes = await buffer((await message.attachments[0]!.open()).body);
      expect(String(bytes)).toBe(`order ${String(taken.length)}`);
      taken.push(message.id);
      if (taken.length % 10 !== 0) await message.acknowledge();
    }
    expect(taken).toEqual(sent);
    const unread = sent.filter((_id, index) => index % 10 === 9);
    expect((await gateway.inbox.list()).ids).toEqual(unread);
    const calls = Object.entries(sandbox.calls).reduce((sum, [, count]) => sum + count, 0);
    expect(calls).toBeLessThanOrEqual(4 * sent.length + 5);
  });

  it('lists all, page after page', async () => {
    const { sandbox, gateway } = (pair = await startPair());
    const sent: string[] = [];
    for (let index = 0; index < 7; index += 1) {
      const attachments = [{ name: 'a', content: Buffer.from('a') }];
      sent.push((await sandbox.partner('ACME').send({ attachments })).messageId);
    }
    const listed: string[] = [];
    for await (const id of gateway.inbox.listAll({ pageLength: 3 })) listed.push(id);
    expect(listed).toEqual(sent);
  });
});
