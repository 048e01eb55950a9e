import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { isInvalidRequestError, isPayloadTooLargeError, isUnprocessableError } from '../src/index';
import type { OutgoingAttachment } from '../src/index';
import { startPair } from './start-pair';
import type { Pair } from './start-pair';

const SUBMIT = 'POST /message/submit';

describe.each(['v2', 'v1', 'both'] as const)('sending to a gateway with names of %s', (generation) => {
  let pair: Pair;
  beforeEach(async () => {
    pair = await startPair({ names: generation }, { compat: generation === 'v1' ? 'v1' : 'v2' });
  });
  afterEach(() => pair.close());

  async function arrives(attachments: OutgoingAttachment[], options = {}) {
    const { gateway, sandbox, advance } = pair;
    const sent = await gateway.messages.send(
      { from: 'HUB', to: 'ACME', subject: 'Grüße', attachments },
      options,
    );
    advance(2000);
    const [received] = sandbox.partner('ACME').received;
    expect(received).toMatchObject({ messageId: sent.id, from: 'HUB', subject: 'Grüße' });
    return received!.attachments.map(({ name, contentType, size, sha256 }) => ({
      name,
      contentType,
      size,
      sha256,
    }));
  }

  const expected = (name: string, contentType: string, bytes: Buffer) => ({
    name,
    contentType,
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  });
  const order = Buffer.from('ISA*00*');

  it('one attachment as the raw body', async () => {
    const given = { name: '850 "a".edi', contentType: 'application/edi-x12', content: order };
    expect(await arrives([given])).toEqual([expected('850 "a".edi', 'application/edi-x12', order)]);
  });

  it('one attachment as a stream, with and without its size', async () => {
    const bytes = Buffer.alloc(300_000, 'x');
    const content = () =>
      Readable.from([bytes.subarray(0, 100_000), bytes.subarray(100_000)], { objectMode: false });
    const result = [expected('a', 'application/octet-stream', bytes)];
    expect(await arrives([{ name: 'a', content, size: bytes.length }])).toEqual(result);
    await pair.close();
    pair = await startPair({ names: generation });
    expect(await arrives([{ name: 'a', content }])).toEqual(result);
  });

  it('several attachments as one message, each under its name', async () => {
    const bytes = Buffer.alloc(200_000, 'y');
    const given: OutgoingAttachment[] = [
      { name: 'a.xml', contentType: 'text/xml', content: Buffer.from('<a/>') },
      {
        name: 'b\\"c".bin',
        content: () => Readable.from([bytes], { objectMode: false }),
        size: bytes.length,
      },
      { name: 'a.xml', contentType: 'text/xml', content: Buffer.alloc(0) },
    ];
    expect(await arrives(given)).toEqual([
      expected('a.xml', 'text/xml', Buffer.from('<a/>')),
      expected('b\\"c".bin', 'application/octet-stream', bytes),
      expected('a (2).xml', 'text/xml', Buffer.alloc(0)),
    ]);
  });

  it('a name beyond ASCII as form data, where that is allowed', async () => {
    const given = { name: 'Größe 订单.edi', contentType: 'application/edi-x12', content: order };
    expect(await arrives([given], { nonAsciiNames: 'multipart' })).toEqual([
      expected('Größe 订单.edi', 'application/edi-x12', order),
    ]);
  });
});

describe('a message that cannot be sent', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair({ maxSubmitBytes: 1000 });
    await pair.gateway.inbox.list();
  });
  afterAll(() => pair.close());

  const ok = { name: 'a', content: Buffer.from('a') };

  it.each([
    ['a line break in the subject', { subject: 'a\r\nX-Evil: 1' }, 'subject'],
    ['a subject beyond Latin-1', { subject: '订单' }, 'subject'],
    ['a line break in a name', { attachments: [{ ...ok, name: 'a\nb' }] }, 'attachments.0.name'],
    ['a name beyond Latin-1', { attachments: [ok, { ...ok, name: '订单' }] }, 'attachments.1.name'],
    ['no attachment', { attachments: [] }, 'attachments'],
    ['no name', { attachments: [{ ...ok, name: '' }] }, 'attachments.0.name'],
    [
      'a media type with a line break',
      { attachments: [{ ...ok, contentType: 'a/b\r\nc: d' }] },
      'attachments.0.contentType',
    ],
    [
      'a media type of the request itself',
      { attachments: [{ ...ok, contentType: 'multipart/form-data; boundary=x' }] },
      'attachments.0.contentType',
    ],
    ['a wrong size', { attachments: [{ ...ok, size: 7 }] }, 'attachments.0.size'],
    ['no sender', { from: '' }, 'from'],
    ['a receiver with a line break', { to: 'ACME\r\nX: 1' }, 'to'],
  ])('is refused on this side for %s', async (_what, change, path) => {
    const before = pair.sandbox.calls[SUBMIT];
    const error: unknown = await pair.gateway.messages
      .send({ from: 'HUB', to: 'ACME', attachments: [ok], ...change })
      .catch((reason: unknown) => reason);
    expect(isInvalidRequestError(error)).toBe(true);
    expect(error).toMatchObject({ outcome: 'not-sent', issues: [expect.objectContaining({ path })] });
    expect(pair.sandbox.calls[SUBMIT]).toBe(before);
  });

  it('names the other ways when it is too large', async () => {
    const attachments = [{ name: 'a', content: Buffer.alloc(2000) }];
    const error: unknown = await pair.gateway.messages
      .send({ from: 'HUB', to: 'ACME', attachments })
      .catch((reason: unknown) => reason);
    expect(isPayloadTooLargeError(error)).toBe(true);
    expect(error).toMatchObject({
      outcome: 'rejected',
      message: expect.stringMatching(/S3 or SFTP.*AS2\/send\//s),
    });
  });

  it('is a typed error for a partner that does not exist, with the words of the service', async () => {
    const error: unknown = await pair.gateway.messages
      .send({ from: 'HUB', to: 'NOBODY', attachments: [ok] })
      .catch((reason: unknown) => reason);
    expect(isUnprocessableError(error)).toBe(true);
    expect(error).toMatchObject({ message: expect.stringContaining('Unable to find partner') });
  });

  it.each([
    ['shorter', 3, 1],
    ['longer', 3, 9],
  ])('ends with an error when a stream is %s than declared', async (_what, size, real) => {
    const content = () => Readable.from([Buffer.alloc(real)], { objectMode: false });
    const sent = pair.gateway.messages.send({
      from: 'HUB',
      to: 'ACME',
      attachments: [{ name: 'a', content, size }, ok],
    });
    await expect(sent).rejects.toMatchObject({ name: 'RequestBodyError' });
    pair.advance(2000);
    expect(pair.sandbox.partner('ACME').received).toEqual([]);
  });
});
