import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { SubmitIdKey } from '../src/index';
import { gatewayFixture, segment } from './gateway-fixture';
import type { GatewayFixture, Json } from './gateway-fixture';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const ROUTE = { 'AS2-From': 'HUB', 'AS2-To': 'WAREHOUSE' };

describe('submit (reference, section 5)', () => {
  let fixture: GatewayFixture;
  afterEach(() => fixture.gateway.close());

  function submit(body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> {
    return fixture.call('POST', '/message/submit', {
      body,
      headers: { ...ROUTE, 'Content-Type': 'application/edi-x12', ...headers },
    });
  }

  it('takes raw bytes: 202, an id, and a Link that is a bare URL ending in the raw id', async () => {
    fixture = await gatewayFixture();
    const answer = await submit('ISA*00*', { Subject: 'PO 1', 'Attachment-Name': 'po.edi' });
    expect(answer.status).toBe(202);
    const body = (await answer.json()) as Json;
    expect(body).toEqual({
      message: 'Message queued successfully',
      messageIdentifier: expect.stringMatching(/^<\d+\.as2@mftgateway\.com>$/),
    });
    expect(answer.headers.get('link')).toBe(
      `${fixture.gateway.url}/message/outbox/${body.messageIdentifier}`,
    );
  });

  it('delivers them to the partner after a short while, by the hash', async () => {
    fixture = await gatewayFixture({ sendDelayMs: 1_000 });
    const content = randomBytes(700_000);
    const { messageIdentifier } = (await (
      await submit(content, { Subject: 'PO 1', 'Attachment-Name': 'po.edi' })
    ).json()) as Json;
    const partner = fixture.gateway.partner('WAREHOUSE');
    fixture.pass(999);
    expect(partner.received).toEqual([]);
    fixture.pass(1);
    expect(partner.received).toEqual([
      {
        messageId: messageIdentifier,
        at: Date.UTC(2026, 0, 5, 8) + 1_000,
        from: 'HUB',
        to: 'WAREHOUSE',
        subject: 'PO 1',
        attachments: [
          { name: 'po.edi', size: 700_000, sha256: sha256(content), contentType: 'application/edi-x12' },
        ],
      },
    ]);
    expect(fixture.gateway.partner('ACME').received).toEqual([]);
  });

  it('takes several attachments as parts named File, with UTF-8 names kept as they are', async () => {
    fixture = await gatewayFixture();
    const contents = [randomBytes(10), randomBytes(2_000_000), Buffer.alloc(0)];
    const names = ['Überweisung 中文.xml', '../../etc/passwd', 'empty.bin'];
    const form = new FormData();
    contents.forEach((content, n) =>
      form.append('File', new Blob([content], { type: 'text/x-test' }), names[n]),
    );
    form.append('note', 'not an attachment');
    const answer = await fixture.call('POST', '/message/submit', { body: form, headers: ROUTE });
    expect(answer.status).toBe(202);
    fixture.pass(1_000);
    const [received] = fixture.gateway.partner('WAREHOUSE').received;
    expect(received?.attachments).toEqual(
      contents.map((content, n) => ({
        name: names[n],
        size: content.length,
        sha256: sha256(content),
        contentType: 'text/x-test',
      })),
    );
  });

  it('refuses a form whose parts are not named File', async () => {
    fixture = await gatewayFixture();
    const form = new FormData();
    form.append('file', new Blob(['x']), 'x.txt');
    const answer = await fixture.call('POST', '/message/submit', { body: form, headers: ROUTE });
    expect(answer.status).toBe(400);
    expect(await fixture.list('/message/outbox/queued')).toEqual([]);
  });

  it('refuses a form that ends too early', async () => {
    fixture = await gatewayFixture();
    const headers = { 'Content-Type': 'multipart/form-data; boundary=x' };
    const part = '--x\r\nContent-Disposition: form-data; name="File"; filename="a"\r\n\r\nabc';
    expect((await submit(part, headers)).status).toBe(400);
    expect((await submit(part, { 'Content-Type': 'multipart/form-data' })).status).toBe(400);
    expect((await submit(`${part}\r\n--x--\r\n`, headers)).status).toBe(202);
  });

  it('answers 422 for a partner or a station that it does not know', async () => {
    fixture = await gatewayFixture();
    const partner = await submit('x', { 'AS2-To': 'NOBODY' });
    expect(partner.status).toBe(422);
    expect(await partner.json()).toEqual({ message: 'Unable to find partner with AS2 identifier: NOBODY' });
    expect((await submit('x', { 'AS2-From': 'NOBODY' })).status).toBe(422);
  });

  it.each([true, false])('answers 413 above the limit, with the length announced: %s', async (announced) => {
    fixture = await gatewayFixture({ maxSubmitBytes: 1_000_000 });
    const send = (bytes: number): Promise<{ status: number | undefined; text: string }> =>
      new Promise((resolve, reject) => {
        const asked = request(
          `${fixture.gateway.url}/message/submit`,
          {
            method: 'POST',
            headers: {
              ...ROUTE,
              Authorization: fixture.token,
              ...(announced ? { 'Content-Length': bytes } : {}),
            },
          },
          (response) => {
            let text = '';
            response.on('data', (part) => (text += String(part)));
            response.on('end', () => resolve({ status: response.statusCode, text }));
          },
        );
        asked.on('error', reject);
        asked.end(Buffer.alloc(bytes));
      });
    expect(await send(1_000_001)).toEqual({ status: 413, text: '{"message":"Request Too Long"}' });
    expect((await send(1_000_000)).status).toBe(202);
  });

  it('queues nothing when the caller goes away in the middle', async () => {
    fixture = await gatewayFixture();
    const cut = new Promise((resolve) => {
      fixture.gateway.onCall((event) => {
        if (event.phase === 'cut') resolve(event.operation);
      });
    });
    const asked = request(`${fixture.gateway.url}/message/submit`, {
      method: 'POST',
      headers: { ...ROUTE, Authorization: fixture.token, 'Content-Length': 100 },
    });
    asked.on('error', () => undefined);
    asked.write('half', () => asked.destroy());
    expect(await cut).toBe('POST /message/submit');
    expect(await fixture.list('/message/outbox/queued')).toEqual([]);
  });

  it('uses the default subject of the partner', async () => {
    fixture = await gatewayFixture({ partners: [{ identifier: 'WAREHOUSE', defaultSubject: 'from HUB' }] });
    await submit('x');
    fixture.pass(1_000);
    expect(fixture.gateway.partner('WAREHOUSE').received[0]?.subject).toBe('from HUB');
  });

  it.each<SubmitIdKey>(['messageIdentifier', 'as2messageId', 'as2MessageId'])(
    'spells the id %s on request',
    async (submitIdKey) => {
      fixture = await gatewayFixture({ submitIdKey });
      const { message, ...rest } = (await (await submit('x')).json()) as Record<string, string>;
      expect(message).toBe('Message queued successfully');
      expect(rest).toEqual({ [submitIdKey]: expect.stringMatching(/^<.+>$/) });
    },
  );

  it('serves what was sent again, from the outbox', async () => {
    fixture = await gatewayFixture();
    const { messageIdentifier } = (await (
      await submit('ISA', { 'Attachment-Name': 'po.edi' })
    ).json()) as Json;
    fixture.pass(1_000);
    const path = `/message/outbox/${segment(messageIdentifier)}`;
    const { total, attachments } = await fixture.json('GET', `${path}/attachments`);
    expect(total).toBe(1);
    expect(await (await fetch(attachments[0].url)).text()).toBe('ISA');
    expect((await fixture.json('GET', `${path}/mdn`)).url).toContain('/AS2/raw-mdn/incoming/');
  });
});
