import { buffer } from 'node:stream/consumers';
import type { AttachmentRef } from '../src/index';
import { startPair } from './start-pair';
import type { Pair } from './start-pair';

const ATTACHMENTS = 'GET /message/inbox/{id}/attachments';
const ELEVEN_MINUTES = 11 * 60_000;

describe('an address that has ended', () => {
  let pair: Pair;
  let id: string;
  beforeEach(async () => {
    pair = await startPair();
    const content = (text: string) => ({ name: 'same.txt', content: Buffer.from(text) });
    ({ messageId: id } = await pair.sandbox
      .partner('ACME')
      .send({ attachments: [content('first'), { name: 'b', content: Buffer.from('b') }] }));
  });
  afterEach(() => pair.close());

  it('is asked for anew, once, and the same attachment is opened', async () => {
    const { gateway, sandbox, advance } = pair;
    const { attachments } = await gateway.inbox.attachments(id);
    advance(ELEVEN_MINUTES);
    expect(String(await buffer((await gateway.inbox.openAttachment(attachments[1]!)).body))).toBe('b');
    expect(sandbox.calls[ATTACHMENTS]).toBe(2);
  });

  it('is not asked for while it lives', async () => {
    const { gateway, sandbox } = pair;
    const { attachments } = await gateway.inbox.attachments(id);
    await buffer((await gateway.inbox.openAttachment(attachments[0]!)).body);
    expect(sandbox.calls[ATTACHMENTS]).toBe(1);
  });

  it('needs no address to begin with: a reference from a database will do', async () => {
    const { gateway } = pair;
    const { attachments } = await gateway.inbox.attachments(id);
    const stored = JSON.parse(JSON.stringify(attachments[0])) as AttachmentRef;
    expect(stored).toEqual({ id, position: 0, name: 'same.txt' });
    expect(String(await buffer((await gateway.inbox.openAttachment(stored)).body))).toBe('first');
  });

  it('is never replaced by a guess', async () => {
    const { gateway } = pair;
    await expect(gateway.inbox.openAttachment({ id, position: 0, name: 'other' })).rejects.toMatchObject({
      name: 'ResponseShapeError',
      issues: [{ path: 'attachments.0.name', code: 'other_attachment' }],
    });
  });

  it('says that files are deleted after a while when the new one is refused too', async () => {
    const { gateway, advance } = pair;
    const { attachments } = await gateway.inbox.attachments(id);
    await gateway.inbox.delete(id);
    advance(ELEVEN_MINUTES);
    await expect(gateway.inbox.openAttachment(attachments[0]!)).rejects.toThrow(/about 35 days/);
  });
});
