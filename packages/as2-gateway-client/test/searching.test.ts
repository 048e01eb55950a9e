import { startPair } from './start-pair';
import type { Pair } from './start-pair';

const HOUR = 3_600_000;

describe('searching', () => {
  let pair: Pair;
  const sent: string[] = [];
  let start: number;
  beforeAll(async () => {
    pair = await startPair();
    start = pair.now();
    for (let index = 0; index < 6; index += 1) {
      const from = index % 2 === 0 ? 'ACME' : 'WAREHOUSE';
      const attachments = [{ name: `order-${String(index)}.edi`, content: Buffer.from('x') }];
      sent.push(
        (await pair.sandbox.partner(from).send({ subject: `Order ${String(index)}`, attachments })).messageId,
      );
      pair.advance(HOUR);
    }
    await pair.gateway.inbox.markRead(sent[0]!);
  });
  afterAll(() => pair.close());

  const found = async (...query: Parameters<Pair['gateway']['inbox']['search']>) => {
    const ids: number[] = [];
    for await (const { id } of pair.gateway.inbox.search(...query)) ids.push(sent.indexOf(id));
    return ids;
  };

  it('finds by time, by attachment and by what the service filters, together', async () => {
    expect(await found()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await found({ unreadOnly: true })).toEqual([1, 2, 3, 4, 5]);
    expect(await found({ since: new Date(start + 2 * HOUR), until: start + 4 * HOUR })).toEqual([2, 3]);
    expect(await found({ partner: 'ACME', since: start + HOUR })).toEqual([2, 4]);
    expect(await found({ attachmentName: 'order-3.edi' })).toEqual([3]);
    expect(await found({ subject: 'Order 5', pageLength: 2 })).toEqual([5]);
    expect(await found({ id: sent[4]!, sort: 'desc' })).toEqual([4]);
  });

  it('leaves what is unread unread', async () => {
    await found();
    expect((await pair.gateway.inbox.list()).ids).toEqual(sent.slice(1));
  });

  it('goes through a box of the outbox as well', async () => {
    const ids: string[] = [];
    for (const to of ['ACME', 'WAREHOUSE']) {
      const attachments = [{ name: `${to}.xml`, content: Buffer.from('x') }];
      ids.push((await pair.gateway.messages.send({ from: 'HUB', to, attachments })).id);
    }
    pair.advance(2000);
    const matching: string[] = [];
    for await (const { id } of pair.gateway.outbox.search({ attachmentName: 'ACME.xml', since: start }))
      matching.push(id);
    expect(matching).toEqual([ids[0]]);
    expect((await pair.gateway.outbox.sent({ partner: 'WAREHOUSE' })).ids).toEqual([ids[1]]);
    expect((await pair.gateway.outbox.queued()).ids).toEqual([]);
    expect((await pair.gateway.outbox.failed()).ids).toEqual([]);
    expect((await pair.gateway.outbox.incomplete()).ids).toEqual([]);
  });
});
