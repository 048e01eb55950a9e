import { createHash } from 'node:crypto';
import { attachment, gatewayFixture, segment } from './gateway-fixture';
import type { GatewayFixture, Json } from './gateway-fixture';

const ID = '<download@acme.example>';
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('pre-signed URLs (reference, section 7)', () => {
  let fixture: GatewayFixture;
  const content = Buffer.from('0123456789');
  beforeEach(async () => {
    fixture = await gatewayFixture();
  });
  afterEach(() => fixture.gateway.close());

  async function links(...attachments: { name: string; content: Buffer; contentType?: string }[]) {
    await fixture.gateway.partner('ACME').send({ messageId: ID, attachments });
    return fixture.json('GET', `/message/inbox/${segment(ID)}/attachments`);
  }
  async function link(): Promise<string> {
    return (await links(attachment('a.txt', content))).attachments[0].url;
  }

  it('lists attachments with their number, in order, on another port than the API', async () => {
    const answer = await links(attachment('b.txt', content), attachment('a.txt', content));
    expect(Object.keys(answer).sort()).toEqual(['attachments', 'total']);
    expect(answer.total).toBe(2);
    expect(answer.attachments.map((item: Json) => item.name)).toEqual(['b.txt', 'a.txt']);
    for (const { url } of answer.attachments) {
      expect(new URL(url).origin).toBe(fixture.gateway.filesUrl);
      expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('600');
    }
    expect(fixture.gateway.filesUrl).not.toBe(fixture.gateway.url);
  });

  it('serves the bytes without a login', async () => {
    const answer = await fetch(await link());
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-length')).toBe('10');
    expect(answer.headers.get('content-type')).toBe('application/edi-x12');
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(content);
  });

  it('is good for ten minutes, then answers 403 in XML', async () => {
    const url = await link();
    fixture.pass(600_000 - 1);
    expect((await fetch(url)).status).toBe(200);
    fixture.pass(1);
    const expired = await fetch(url);
    expect(expired.status).toBe(403);
    expect(expired.headers.get('content-type')).toMatch(/^application\/xml/);
    const xml = await expired.text();
    expect(xml).toContain('<Code>AccessDenied</Code><Message>Request has expired</Message>');
    expect(xml).toContain('<X-Amz-Expires>600</X-Amz-Expires><Expires>2026-01-05T08:10:00Z</Expires>');
  });

  it('refuses a request that carries an Authorization header as well', async () => {
    const refused = await fetch(await link(), { headers: { Authorization: fixture.token } });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain(
      '<Code>InvalidArgument</Code><Message>Only one auth mechanism allowed',
    );
  });

  it('refuses a URL that was changed in any part', async () => {
    const url = await link();
    for (const changed of [
      url.replace('a.txt', 'b.txt'),
      url.replace('X-Amz-Expires=600', 'X-Amz-Expires=6000'),
      url.replace(/X-Amz-Signature=./, (text) => text.slice(0, -1) + (text.endsWith('0') ? '1' : '0')),
    ]) {
      const refused = await fetch(changed);
      expect(refused.status).toBe(403);
      expect(await refused.text()).toContain('<Code>SignatureDoesNotMatch</Code>');
    }
    expect((await fetch(url.replace(/\?.*/, ''))).status).toBe(403);
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(403);
  });

  it.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=5-500', 206, '56789', 'bytes 5-9/10'],
    ['bytes=0-1,3-4', 200, '0123456789', null],
  ])('serves %s', async (range, status, text, contentRange) => {
    const answer = await fetch(await link(), { headers: { Range: range } });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-range')).toBe(contentRange);
    expect(await answer.text()).toBe(text);
  });

  it('answers 416 to a range behind the end', async () => {
    const answer = await fetch(await link(), { headers: { Range: 'bytes=10-' } });
    expect(answer.status).toBe(416);
    expect(await answer.text()).toContain('<Code>InvalidRange</Code>');
  });

  it.each(['../../etc/passwd', 'Überweisung 中文 #1?.pdf', 'a/b\\c', '%2e%2e', 'same.txt'])(
    'keeps the name %s and serves its bytes, also twice in one message',
    async (name) => {
      const bodies = [Buffer.from('first'), Buffer.from('second')];
      const answer = await links(...bodies.map((body) => attachment(name, body)));
      for (const [position, { name: shown, url }] of answer.attachments.entries()) {
        expect(shown).toBe(name);
        expect(Buffer.from(await (await fetch(url)).arrayBuffer())).toEqual(bodies[position]);
      }
    },
  );

  it('generates large content on the way, with the hash that was announced', async () => {
    const record = await fixture.gateway.partner('ACME').send({
      messageId: ID,
      attachments: [{ name: 'large.bin', generate: { bytes: 20_000_001, seed: 'x' } }],
    });
    const { attachments } = await fixture.json('GET', `/message/inbox/${segment(ID)}/attachments`);
    const bytes = Buffer.from(await (await fetch(attachments[0].url)).arrayBuffer());
    expect(record.attachments).toEqual([{ name: 'large.bin', size: 20_000_001, sha256: sha256(bytes) }]);
    expect(bytes.subarray(0, 1 << 20).equals(bytes.subarray(1 << 20, 2 << 20))).toBe(false);
  });

  it('has an MDN to download', async () => {
    await link();
    const { url } = await fixture.json('GET', `/message/inbox/${segment(ID)}/mdn`);
    expect(new URL(url).origin).toBe(fixture.gateway.filesUrl);
    expect(await (await fetch(url)).text()).toContain(`Original-Message-ID: ${ID}`);
  });
});
