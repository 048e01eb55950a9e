import { attachment, gatewayFixture, segment } from './gateway-fixture';
import type { GatewayFixture, Json } from './gateway-fixture';

describe('what becomes of a submit, by script (reference, sections 5, 7 and 11)', () => {
  let fixture: GatewayFixture;
  beforeEach(async () => {
    fixture = await gatewayFixture({ sendDelayMs: 1_000, outboxHiddenMs: 0 });
  });
  afterEach(() => fixture.gateway.close());

  async function submit(to = 'ACME', headers: Record<string, string> = {}): Promise<string> {
    const answer = await fixture.json('POST', '/message/submit', {
      headers: { 'AS2-From': 'HUB', 'AS2-To': to, 'Attachment-Name': 'a.edi', ...headers },
      body: 'ISA',
    });
    return answer.messageIdentifier;
  }
  const look = (id: string): Promise<Json> => fixture.json('GET', `/message/outbox/${segment(id)}`);
  const boxOf = async (id: string): Promise<string[]> => {
    const boxes = [];
    for (const box of ['queued', 'failed', 'incomplete'])
      for (const found of await fixture.list(`/message/outbox/${box}`)) if (found === id) boxes.push(box);
    for (const found of await fixture.list('/message/outbox')) if (found === id) boxes.push('sent');
    return boxes;
  };

  it('follows the rules that fit, in order, for as many sends as they say', async () => {
    const { outcomes } = fixture.gateway;
    const once = outcomes.add({ to: 'ACME', times: 1, outcome: { box: 'failed' } });
    outcomes.add({ subject: 'invoice', outcome: { box: 'incomplete' } });
    const ids = [
      await submit(),
      await submit(),
      await submit('ACME', { Subject: 'my invoice 7' }),
      await submit('GLOBEX'),
    ];
    fixture.pass(1_000);
    const boxes = [];
    for (const id of ids) boxes.push(await boxOf(id));
    expect(boxes).toEqual([['failed'], ['sent'], ['incomplete'], ['sent']]);
    expect(once.hits).toBe(1);
    expect(fixture.gateway.partner('ACME').received.map(({ messageId }) => messageId)).toEqual(
      ids.slice(1, 3),
    );
  });

  it.each([
    [{ from: 'HUB' }, true],
    [{ from: 'OTHER' }, false],
    [{ attachment: 'a.edi' }, true],
    [{ attachment: 'b.edi' }, false],
    [{ messageId: '<none@x>' }, false],
    [{ to: 'GLOBEX' }, false],
  ])('a rule about %j fits: %s', async (rule, fits) => {
    fixture.gateway.outcomes.add({ ...rule, outcome: { box: 'failed' } });
    const id = await submit();
    fixture.pass(1_000);
    expect(await boxOf(id)).toEqual([fits ? 'failed' : 'sent']);
  });

  it('lists an id several times in failed while it is tried again, then sends it', async () => {
    fixture.gateway.outcomes.add({ outcome: { box: 'sent', failedTries: 2, retryMs: 5_000 } });
    const id = await submit();
    fixture.pass(1_000);
    expect(await boxOf(id)).toEqual(['queued', 'failed']);
    fixture.pass(4_999);
    expect(await boxOf(id)).toEqual(['queued', 'failed']);
    fixture.pass(1);
    expect(await boxOf(id)).toEqual(['queued', 'failed', 'failed']);
    expect((await look(id)).msgStatus).toBe('Failed');
    fixture.pass(5_000);
    expect(await boxOf(id)).toEqual(['failed', 'failed', 'sent']);
    const sent = await look(id);
    expect([sent.msgStatus, sent.failures]).toEqual(['Sent', 2]);
    expect(fixture.gateway.partner('ACME').received).toHaveLength(1);
  });

  it('works off all tries that a moved clock made due, each at its own time', async () => {
    fixture.gateway.outcomes.add({ outcome: { box: 'failed', failedTries: 9, retryMs: 60_000 } });
    const id = await submit();
    const submitted = Date.UTC(2026, 0, 5, 8);
    fixture.pass(1_800_000);
    expect(
      (await fixture.list('/message/outbox/failed?pageLength=100')).filter((one) => one === id),
    ).toHaveLength(10);
    expect((await look(id)).failures).toBe(10);
    expect((await look(id)).timestamp).toBe(submitted);
  });

  it('keeps a message queued as long as the script says', async () => {
    const rule = fixture.gateway.outcomes.add({ outcome: { box: 'queued', retryMs: 60_000 } });
    const id = await submit();
    fixture.pass(3_000_000);
    expect(await boxOf(id)).toEqual(['queued']);
    rule.remove();
    fixture.pass(60_000);
    expect(await boxOf(id)).toEqual(['sent']);
  });

  it('shows a bad MDN: HTTP 200, in the outbox, and nothing arrived', async () => {
    const disposition = 'automatic-action/MDN-sent-automatically; processed/error: decryption-failed';
    fixture.gateway.outcomes.add({ outcome: { box: 'sent', disposition, humanMessage: 'No key.\r\n' } });
    const id = await submit();
    fixture.pass(1_000);
    const { msgStatus, mdnMessage, micMatches } = await look(id);
    expect([msgStatus, mdnMessage.disposition, mdnMessage.humanMessage, micMatches]).toEqual([
      'Sent',
      disposition,
      'No key.\r\n',
      false,
    ]);
    expect(fixture.gateway.partner('ACME').received).toEqual([]);
  });

  it('can fail with an MDN, and can fail although the partner has it', async () => {
    const disposition = 'automatic-action/MDN-sent-automatically; failed/failure: unsupported MIC-algorithms';
    fixture.gateway.outcomes.add({ times: 1, outcome: { box: 'failed', disposition } });
    fixture.gateway.outcomes.add({ outcome: { box: 'failed', delivered: true } });
    const [first, second] = [await submit(), await submit()];
    fixture.pass(1_000);
    expect((await look(first)).mdnMessage.disposition).toBe(disposition);
    expect((await look(second)).mdnMessage).toBeUndefined();
    expect(fixture.gateway.partner('ACME').received.map(({ messageId }) => messageId)).toEqual([second]);
  });

  it('deletes one of its records, and the content with the last of them', async () => {
    fixture.gateway.outcomes.add({ outcome: { box: 'failed', failedTries: 1, retryMs: 10 } });
    const id = await submit();
    fixture.pass(2_000);
    expect(await boxOf(id)).toEqual(['failed', 'failed']);
    const { attachments } = await fixture.json('GET', `/message/outbox/${segment(id)}/attachments`);
    expect((await fetch(attachments[0].url)).status).toBe(200);
    expect((await fixture.call('DELETE', `/message/outbox/${segment(id)}`)).status).toBe(200);
    expect(await boxOf(id)).toEqual([]);
    expect((await fetch(attachments[0].url)).status).toBe(404);
  });

  it('deletes what was sent with the good MDN, where the partner is set so', async () => {
    const other = await gatewayFixture({
      partners: [{ identifier: 'ACME', deleteAttachmentsOnSuccessMdn: true }],
      sendDelayMs: 0,
      outboxHiddenMs: 0,
    });
    const { messageIdentifier: id } = await other.json('POST', '/message/submit', {
      headers: { 'AS2-From': 'HUB', 'AS2-To': 'ACME' },
      body: 'x',
    });
    const { attachments } = await other.json('GET', `/message/outbox/${segment(id)}/attachments`);
    expect((await fetch(attachments[0].url)).status).toBe(404);
    expect(other.gateway.partner('ACME').received[0]?.attachments).toHaveLength(1);
    await other.gateway.close();
  });
});

describe('a partner that sends again', () => {
  let fixture: GatewayFixture;
  beforeEach(async () => {
    fixture = await gatewayFixture();
  });
  afterEach(() => fixture.gateway.close());

  const bytesOf = async (id: string): Promise<string> => {
    const { attachments } = await fixture.json('GET', `/message/inbox/${segment(id)}/attachments`);
    return (await fetch(attachments[0].url)).text();
  };

  it('sends the same bytes under the same id: unread again, listed for itself', async () => {
    const acme = fixture.gateway.partner('ACME');
    const first = await acme.send({ subject: 'PO', attachments: [attachment('a', Buffer.from('one'))] });
    await fixture.json('GET', `/message/inbox/${segment(first.messageId)}`);
    expect(await fixture.list('/message/inbox')).toEqual([]);
    fixture.pass(5_000);
    const again = await acme.resend(first);
    expect(again).toEqual({ ...first, at: first.at + 5_000, resendOf: first.messageId });
    expect(await fixture.list('/message/inbox')).toEqual([first.messageId]);
    expect(await fixture.list('/message/inbox?fetchAll=true')).toEqual([first.messageId, first.messageId]);
    expect(await bytesOf(first.messageId)).toBe('one');
    expect(fixture.gateway.sent).toEqual([first, again]);
  });

  it('sends the same bytes under a new id, made up or given', async () => {
    const acme = fixture.gateway.partner('ACME');
    const first = await acme.send({ attachments: [attachment('a', Buffer.from('one'))] });
    const made = await acme.resend(first, { newId: true });
    expect(made.messageId).not.toBe(first.messageId);
    const given = await acme.resend(first, { newId: '<two@acme>' });
    expect([made.attachments, given.attachments]).toEqual([first.attachments, first.attachments]);
    expect(await bytesOf('<two@acme>')).toBe('one');
  });

  it('sends again what the gateway has deleted, large content too', async () => {
    const acme = fixture.gateway.partner('ACME');
    const content = Buffer.alloc(600_000, 'y');
    const first = await acme.send({ messageId: '<d@acme>', attachments: [attachment('a', content)] });
    await fixture.call('DELETE', `/message/inbox/${segment('<d@acme>')}`);
    await acme.resend(first);
    await fixture.call('DELETE', `/message/inbox/${segment('<d@acme>')}`);
    await acme.resend(first);
    expect(await bytesOf('<d@acme>')).toBe(content.toString());
  });

  it('sends again only what it sent itself', async () => {
    const first = await fixture.gateway.partner('ACME').send({ attachments: [attachment()] });
    await expect(fixture.gateway.partner('GLOBEX').resend(first)).rejects.toThrow('GLOBEX sent no message');
  });
});

describe('attachments after their lifetime of 35 days (reference, section 10)', () => {
  const DAY = 24 * 3600_000;
  /** A token of today: the old one has expired as well. */
  async function later(fixture: GatewayFixture, days: number): Promise<(path: string) => Promise<Response>> {
    fixture.pass(days * DAY);
    const { tokenId, tokenSecret } = fixture.gateway.credentials;
    const login = await fetch(`${fixture.gateway.url}/authorize`, {
      method: 'POST',
      body: JSON.stringify({ tokenID: tokenId, tokenSecret }),
    });
    const { apiToken }: Json = await login.json();
    return (path) => fetch(`${fixture.gateway.url}${path}`, { headers: { Authorization: apiToken } });
  }

  it('lists them still, and S3 knows no such key; the message itself stays', async () => {
    const fixture = await gatewayFixture();
    await fixture.gateway.partner('ACME').send({ messageId: '<o@acme>', attachments: [attachment()] });
    const before = await later(fixture, 34.9);
    const path = `/message/inbox/${segment('<o@acme>')}`;
    const young: Json = await (await before(`${path}/attachments`)).json();
    expect((await fetch(young.attachments[0].url)).status).toBe(200);
    const after = await later(fixture, 0.1);
    const old: Json = await (await after(`${path}/attachments`)).json();
    for (const url of [old.attachments[0].url, ((await (await after(`${path}/mdn`)).json()) as Json).url]) {
      const gone = await fetch(url);
      expect([gone.status, await gone.text()]).toEqual([
        404,
        expect.stringContaining('<Code>NoSuchKey</Code>'),
      ]);
    }
    expect((await after(path)).status).toBe(200);
    await fixture.gateway.close();
  });

  it('or does not even list them', async () => {
    const fixture = await gatewayFixture({ oldAttachments: 'gone', contentLifetimeMs: DAY });
    await fixture.gateway.partner('ACME').send({ messageId: '<o@acme>', attachments: [attachment()] });
    const after = await later(fixture, 1);
    const answer = await after(`/message/inbox/${segment('<o@acme>')}/attachments`);
    expect([answer.status, await answer.json()]).toEqual([404, { message: 'Attachment(s) not found' }]);
    await fixture.gateway.close();
  });
});
