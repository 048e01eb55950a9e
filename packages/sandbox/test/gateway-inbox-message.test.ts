import { attachment, gatewayFixture, segment } from './gateway-fixture';
import type { GatewayFixture } from './gateway-fixture';

const ID = '<158719527.1469@acme.example>';
const PATH = `/message/inbox/${segment(ID)}`;

describe('one inbox message (reference, section 7)', () => {
  let fixture: GatewayFixture;
  beforeEach(async () => {
    fixture = await gatewayFixture();
    await fixture.gateway
      .partner('ACME')
      .send({ messageId: ID, subject: 'PO 1', attachments: [attachment('po.edi')] });
  });
  afterEach(() => fixture.gateway.close());

  it('marks as read by a plain GET', async () => {
    expect((await fixture.json('GET', PATH)).apiFetched).toBe(true);
    expect(await fixture.list('/message/inbox')).toEqual([]);
  });

  it('leaves it unread with markAsRead=false', async () => {
    expect((await fixture.json('GET', `${PATH}?markAsRead=false`)).apiFetched).toBe(false);
    expect(await fixture.list('/message/inbox')).toEqual([ID]);
  });

  it('does not mark as read by GET attachments or mdn', async () => {
    await fixture.call('GET', `${PATH}/attachments`);
    await fixture.call('GET', `${PATH}/mdn`);
    expect(await fixture.list('/message/inbox')).toEqual([ID]);
  });

  it('has the documented fields, with times in epoch ms', async () => {
    const message = await fixture.json('GET', PATH);
    expect(message).toMatchObject({
      identifier: ID,
      incoming: true,
      msgStatus: 'Received',
      mdnStatus: 'Sent Signed MDN',
      receiverIdentifier: 'HUB',
      senderIdentifier: 'ACME',
      subject: 'PO 1',
      failures: 0,
      micMatches: false,
      transportStatusReceived: 0,
      timestamp: Date.UTC(2026, 0, 5, 8),
      mdnMessage: {
        incoming: false,
        signed: true,
        disposition: expect.stringMatching(/^automatic-action\/MDN-sent-automatically; ?processed$/),
      },
    });
    expect(message.attachmentPaths).toEqual([
      expect.stringMatching(/^AS2\/files\/HUB\/ACME\/inbox\/\d+\/po\.edi$/),
    ]);
    expect(message.mic).toMatch(/^[\w+/=]+, sha1$/);
  });

  it('has ids that JSON.parse damages', async () => {
    const text = await (await fixture.call('GET', PATH)).text();
    const [, digits = ''] = /^\{"id":(\d+),/.exec(text) ?? [];
    expect(BigInt(digits)).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER));
    expect(BigInt(digits)).toBeLessThan(2n ** 63n);
  });

  it('leaves out a subject that is not there', async () => {
    await fixture.gateway.partner('ACME').send({ messageId: '<no-subject@a>', attachments: [attachment()] });
    expect(await fixture.json('GET', `/message/inbox/${segment('<no-subject@a>')}`)).not.toHaveProperty(
      'subject',
    );
  });

  it('takes the id in the address with raw angle brackets as well', async () => {
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      const asked = request(
        `${fixture.gateway.url}/`,
        { path: `/message/inbox/${ID}`, headers: { Authorization: fixture.token } },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      asked.on('error', reject).end();
    });
    expect(status).toBe(200);
  });

  it('marks as unread', async () => {
    await fixture.call('GET', PATH);
    const answer = await fixture.call('POST', `${PATH}/markUnread`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ message: `Successfully marked message ${ID} as unread` });
    expect(await fixture.list('/message/inbox')).toEqual([ID]);
  });

  it.each([
    ['GET', '/message/inbox/none', 'Message not found'],
    ['GET', '/message/outbox/none', 'Message not found'],
    ['POST', '/message/inbox/none/markUnread', 'Message not found'],
    ['GET', '/message/inbox/none/attachments', 'Attachment(s) not found'],
    ['GET', '/message/inbox/none/mdn', 'MDN not found'],
    ['DELETE', '/message/inbox/none', 'Unable to find message'],
  ])('%s %s answers 404 in the documented words', async (method, path, message) => {
    const answer = await fixture.call(method, path);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({ message });
  });

  it('answers 404 for the attachments of a message that has none', async () => {
    await fixture.gateway.partner('ACME').send({ messageId: '<empty@a>', attachments: [] });
    expect((await fixture.call('GET', `/message/inbox/${segment('<empty@a>')}/attachments`)).status).toBe(
      404,
    );
  });

  it('deletes one message and its content', async () => {
    const { attachments } = await fixture.json('GET', `${PATH}/attachments`);
    expect(await fixture.json('DELETE', PATH)).toEqual({ deleted: ID });
    expect((await fixture.call('GET', PATH)).status).toBe(404);
    expect(await fixture.list('/message/inbox?fetchAll=true')).toEqual([]);
    const gone = await fetch(attachments[0].url);
    expect(gone.status).toBe(404);
    expect(await gone.text()).toContain('<Code>NoSuchKey</Code>');
  });

  it('deletes several at once and names those that were there', async () => {
    const remove = (messageIdentifiers: string[]) =>
      fixture.call('POST', '/message/inbox/delete', { body: JSON.stringify({ messageIdentifiers }) });
    expect(await (await remove([ID, 'none'])).json()).toEqual({ deleted: [ID] });
    const again = await remove([ID]);
    expect(again.status).toBe(404);
    expect(await again.json()).toEqual({ message: 'Unable to find messages' });
    expect((await remove(Array.from({ length: 101 }, String))).status).toBe(400);
  });

  it('keeps a second record for an id that is sent again: unread anew, and the newest is served', async () => {
    await fixture.call('GET', PATH);
    fixture.pass(5_000);
    await fixture.gateway
      .partner('ACME')
      .send({ messageId: ID, subject: 'PO 1 again', attachments: [attachment('other.edi')] });
    expect(await fixture.list('/message/inbox')).toEqual([ID]);
    expect(await fixture.list('/message/inbox?fetchAll=true')).toEqual([ID, ID]);
    const newest = await fixture.json('GET', PATH);
    expect(newest).toMatchObject({ subject: 'PO 1 again', timestamp: Date.UTC(2026, 0, 5, 8) + 5_000 });
    expect((await fixture.json('GET', `${PATH}/attachments`)).attachments[0].name).toBe('other.edi');
    expect(await fixture.list('/message/inbox')).toEqual([]);
  });

  it('marks both records of an id as read when both were unread', async () => {
    await fixture.gateway.partner('ACME').send({ messageId: ID, attachments: [attachment()] });
    expect(await fixture.list('/message/inbox')).toEqual([ID, ID]);
    await fixture.call('GET', PATH);
    expect(await fixture.list('/message/inbox')).toEqual([]);
  });
});
