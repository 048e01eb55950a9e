import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createWebhookHandler } from '../src/index';
import type { VerifiedWebhook, WebhookHandler } from '../src/index';
import { buildWebhook } from '../src/testing';
import { startPair } from './start-pair';
import type { Pair } from './start-pair';

const secret = randomBytes(32).toString('base64url');
const attachments = [{ name: 'order 1.edi', content: Buffer.from('x') }];

describe.each(['v1', 'v2', 'both'] as const)('webhooks of a gateway with names of %s', (names) => {
  let pair: Pair;
  let server: Server;
  let hook: WebhookHandler;
  let verified: VerifiedWebhook[];
  let dropped: string[];
  let url: string;
  beforeEach(async () => {
    pair = await startPair({ names }, { compat: names === 'v1' ? 'v1' : 'v2' });
    verified = [];
    dropped = [];
    hook = createWebhookHandler({
      secrets: [secret],
      gateway: pair.gateway,
      onEvent: (event) => void verified.push(event),
      onDropped: (_event, why) => dropped.push(why),
      lookAgainMs: [],
    });
    server = createServer(hook);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hooks/${secret}`;
    pair.sandbox.webhooks.setTarget({ url });
  });
  afterEach(async () => {
    await hook.close();
    await pair.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('are verified, and leave the message unread', async () => {
    const { messageId } = await pair.sandbox.partner('ACME').send({ subject: 'Order', attachments });
    await pair.sandbox.webhooks.flush();
    await hook.idle();
    expect(verified).toMatchObject([
      {
        event: {
          type: 'received',
          messageId,
          station: 'HUB',
          partner: 'ACME',
          subject: 'Order',
          attachmentNames: ['order 1.edi'],
        },
        message: { id: messageId, read: false },
      },
    ]);
    expect(pair.sandbox.webhooks.sent).toMatchObject([{ status: 202 }]);
  });

  it('tell of what was sent, with the delivery as the service knows it', async () => {
    const { id } = await pair.gateway.messages.send({ from: 'HUB', to: 'ACME', attachments });
    pair.advance(2000);
    await pair.sandbox.webhooks.flush();
    await hook.idle();
    expect(verified).toMatchObject([
      { event: { type: 'sent', messageId: id }, delivery: { state: 'sent', good: true } },
    ]);
  });

  it('come twice and are worked on once; a forged one is dropped', async () => {
    pair.sandbox.webhooks.script.add({ copies: 3 });
    await pair.sandbox.partner('ACME').send({ attachments });
    await pair.sandbox.webhooks.flush();
    const forged = JSON.stringify(buildWebhook('received', { messageId: '<forged@x>' }));
    expect((await fetch(url, { method: 'POST', body: forged })).status).toBe(202);
    await hook.idle();
    expect({ verified: verified.length, dropped }).toEqual({ verified: 1, dropped: ['not-found'] });
  });
});
