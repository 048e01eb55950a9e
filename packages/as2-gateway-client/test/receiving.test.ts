import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { startPair } from './start-pair';
import type { Pair } from './start-pair';

const names = ['850.edi', '../../etc/passwd', 'Größe 订单 №7.xml', 'a%2Fb?c#d.txt'];

describe.each([
  { generation: 'v2', compat: 'v2' },
  { generation: 'v1', compat: 'v1' },
  { generation: 'both', compat: 'v2' },
  { generation: 'both', compat: 'v1' },
] as const)(
  'receiving from a gateway with names of $generation, asked in $compat',
  ({ generation, compat }) => {
    let pair: Pair;
    beforeEach(async () => {
      pair = await startPair({ names: generation }, { compat });
    });
    afterEach(() => pair.close());

    it('takes every attachment under its own name, byte by byte, and marks only what it is told to', async () => {
      const { sandbox, gateway } = pair;
      const sent = await sandbox.partner('ACME').send({
        subject: 'Order',
        attachments: names.map((name, index) => ({ name, content: Buffer.alloc(100 + index, name) })),
      });
      const { ids } = await gateway.inbox.list({ station: 'HUB', partner: 'ACME' });
      expect(ids).toEqual([sent.messageId]);

      const message = await gateway.inbox.get(sent.messageId);
      expect(message).toMatchObject({
        id: sent.messageId,
        station: 'HUB',
        partner: 'ACME',
        subject: 'Order',
        timestamp: sent.at,
        read: false,
      });
      expect(message.attachmentNames).toEqual(names);

      const { total, attachments } = await gateway.inbox.attachments(sent.messageId);
      expect(total).toBe(names.length);
      for (const [index, link] of attachments.entries()) {
        const { body, size } = await gateway.inbox.openAttachment(link);
        const bytes = await buffer(body);
        expect({ name: link.name, size, sha256: createHash('sha256').update(bytes).digest('hex') }).toEqual(
          sent.attachments[index],
        );
      }

      expect((await gateway.inbox.list()).ids).toEqual([sent.messageId]);
      expect((await gateway.inbox.markRead(sent.messageId)).read).toBe(true);
      expect((await gateway.inbox.list()).ids).toEqual([]);
      expect((await gateway.inbox.list({ unreadOnly: false })).ids).toEqual([sent.messageId]);
      await gateway.inbox.markUnread(sent.messageId);
      expect((await gateway.inbox.list({ station: 'HUB' })).ids).toEqual([sent.messageId]);
    });

    it('filters by one kind of filter', async () => {
      const { sandbox, gateway } = pair;
      const first = await sandbox
        .partner('ACME')
        .send({ subject: 'one', attachments: [{ name: 'a', content: Buffer.from('a') }] });
      const second = await sandbox
        .partner('WAREHOUSE')
        .send({ subject: 'two', attachments: [{ name: 'b', content: Buffer.from('b') }] });
      expect((await gateway.inbox.list({ partner: 'WAREHOUSE' })).ids).toEqual([second.messageId]);
      expect((await gateway.inbox.list({ id: first.messageId })).ids).toEqual([first.messageId]);
      expect((await gateway.inbox.list({ subject: 'two' })).ids).toEqual([second.messageId]);
      expect((await gateway.inbox.list()).ids).toEqual([first.messageId, second.messageId]);
      expect((await gateway.inbox.list({ sort: 'desc', pageLength: 1 })).ids).toEqual([second.messageId]);
    });

    it('deletes, and says what was not deleted', async () => {
      const { sandbox, gateway } = pair;
      const attachments = [{ name: 'a', content: Buffer.from('a') }];
      const ids = [];
      for (let count = 0; count < 3; count += 1)
        ids.push((await sandbox.partner('ACME').send({ attachments })).messageId);
      await gateway.inbox.delete(ids[0]!);
      await expect(gateway.inbox.get(ids[0]!)).rejects.toMatchObject({ name: 'NotFoundError' });
      expect(await gateway.inbox.deleteMany(ids)).toEqual({ deleted: ids.slice(1), notDeleted: [ids[0]] });
      expect(await gateway.inbox.deleteMany([])).toEqual({ deleted: [], notDeleted: [] });
    });
  },
);

describe('ids', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair();
  });
  afterAll(() => pair.close());

  it.each([
    '<a/b@x>',
    '<a%2Fb@x>',
    '<a b@x>',
    '<Größe订单@x>',
    '<?q=1&r#s@x>',
    '<..@x>',
    '<+@x>',
    'no-brackets',
  ])('the id %p is one path segment', async (messageId) => {
    const { sandbox, gateway } = pair;
    await sandbox
      .partner('ACME')
      .send({ messageId, attachments: [{ name: 'a', content: Buffer.from('a') }] });
    expect((await gateway.inbox.get(messageId)).id).toBe(messageId);
    const { attachments } = await gateway.inbox.attachments(messageId);
    expect(await buffer((await gateway.inbox.openAttachment(attachments[0]!)).body)).toEqual(
      Buffer.from('a'),
    );
  });

  it('numeric ids beyond 2^53 come through as they were sent', async () => {
    const { sandbox, gateway } = pair;
    const { messageId } = await sandbox
      .partner('ACME')
      .send({ attachments: [{ name: 'a', content: Buffer.from('a') }] });
    const { raw } = await gateway.inbox.get(messageId);
    const { apiToken } = (await (
      await fetch(`${sandbox.url}/authorize`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          tokenID: sandbox.credentials.tokenId,
          tokenSecret: sandbox.credentials.tokenSecret,
        }),
      })
    ).json()) as { apiToken: string };
    const answer = await fetch(
      `${sandbox.url}/message/inbox/${encodeURIComponent(messageId)}?markAsRead=false`,
      {
        headers: { authorization: apiToken },
      },
    );
    const exact = /"id":\s*(\d+)/.exec(await answer.text())?.[1];
    expect(BigInt(exact!)).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER));
    expect(raw['id']).toBe(exact);
  });

  it('an id that cannot be addressed is refused before a request', async () => {
    const { sandbox, gateway } = pair;
    await gateway.inbox.list();
    const before = { ...sandbox.calls };
    for (const id of ['', '.', '..', '\ud800']) {
      await expect(gateway.inbox.get(id)).rejects.toMatchObject({
        name: 'InvalidRequestError',
        outcome: 'not-sent',
      });
      await expect(gateway.inbox.attachments(id)).rejects.toMatchObject({ outcome: 'not-sent' });
      await expect(gateway.inbox.delete(id)).rejects.toMatchObject({ outcome: 'not-sent' });
    }
    await expect(gateway.outbox.get('failed')).rejects.toMatchObject({ outcome: 'not-sent' });
    expect(sandbox.calls).toEqual(before);
  });

  it('filters that the service would silently drop are refused', async () => {
    const mixed = { station: 'HUB', subject: 'x' } as unknown as { subject: string };
    await expect(pair.gateway.inbox.list(mixed)).rejects.toThrow(/silently ignore/);
    const two = { id: '<a@x>', subject: 'x' } as unknown as { subject: string };
    await expect(pair.gateway.outbox.list(two)).rejects.toThrow(/silently ignore/);
  });
});
