import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { NotFoundError } from '@mft-bridge/http-transport';
import { buildDelivery } from '../testing/build-delivery';
import { buildInboxMessage } from '../testing/build-message';
import { buildWebhook } from '../testing/build-webhook';
import { createWebhookHandler } from './create-webhook-handler';
import type { WebhookHandler, WebhookHandlerOptions } from './create-webhook-handler';
import type { VerifiedWebhook, WebhookVerifier } from './verify-webhook';

const secret = randomBytes(32).toString('base64url');
const id = '<1@partner.example>';

function notFound(): NotFoundError {
  const facts = { operation: 'inbox.get', outcome: 'rejected', status: 404, method: 'GET' } as const;
  return new NotFoundError({ ...facts, message: 'Message not found', path: '/', headers: {}, attempts: 1 });
}

/** A gateway that holds one inbound message, and a real server with the handler. */
async function listen(options: Partial<WebhookHandlerOptions> = {}) {
  const verified: VerifiedWebhook[] = [];
  const dropped: string[] = [];
  const failed: unknown[] = [];
  const asked: string[] = [];
  const gateway: WebhookVerifier = {
    inbox: {
      get: (wanted) => {
        asked.push(wanted);
        return wanted === id ? Promise.resolve(buildInboxMessage({ id })) : Promise.reject(notFound());
      },
    },
    outbox: { delivery: (wanted) => Promise.resolve(buildDelivery(wanted === id ? 'sent' : 'unknown')) },
  };
  const handler = createWebhookHandler({
    secrets: [secret],
    gateway,
    onEvent: (event) => void verified.push(event),
    onDropped: (_event, why) => dropped.push(why),
    onError: (error) => failed.push(error),
    sleep: () => Promise.resolve(),
    ...options,
  });
  const server: Server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const post = async (body: unknown, path = `/hooks/${secret}`, init: RequestInit = {}) => {
    const response = await fetch(`http://127.0.0.1:${String(port)}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...init,
    });
    return response.status;
  };
  return { handler, server, port, post, verified, dropped, failed, asked };
}

describe('a webhook handler', () => {
  let open: { handler: WebhookHandler; server: Server } | undefined;
  const start = async (options: Partial<WebhookHandlerOptions> = {}) => {
    const started = await listen(options);
    open = started;
    return started;
  };
  afterEach(async () => {
    await open?.handler.close();
    open?.server.closeAllConnections();
    await new Promise((resolve) => open?.server.close(resolve) ?? resolve(undefined));
    open = undefined;
  });

  it('answers first, fetches the message, and then hands both over', async () => {
    let finish = (): void => undefined;
    const gate = new Promise<void>((resolve) => (finish = resolve));
    const { handler, post, verified } = await start({
      onEvent: async (event) => {
        await gate;
        verified.push(event);
      },
    });
    expect(await post(buildWebhook('received', { messageId: id }))).toBe(202);
    expect(verified).toEqual([]); // the answer did not wait for the work
    finish();
    await handler.idle();
    expect(verified).toMatchObject([
      { event: { type: 'received', messageId: id }, message: { id, partner: 'ACME' } },
    ]);
  });

  it.each(['sent', 'failed'] as const)(
    'gives the delivery with a %s event: what the service says is the truth',
    async (kind) => {
      const { handler, post, verified } = await start();
      expect(await post(buildWebhook(kind, { messageId: id }))).toBe(202);
      await handler.idle();
      expect(verified).toMatchObject([{ event: { type: kind }, delivery: { state: 'sent', good: true } }]);
    },
  );

  it.each([
    ['a wrong secret', 404, '/hooks/' + randomBytes(32).toString('base64url'), {}],
    ['another method', 405, `/hooks/${secret}`, { method: 'PUT' }],
    ['another method with a wrong secret', 404, '/hooks/x', { method: 'GET', body: null }],
  ])('refuses %s', async (_what, status, path, init) => {
    const { handler, post, verified, asked } = await start();
    expect(await post(buildWebhook('received', { messageId: id }), path, init)).toBe(status);
    await handler.idle();
    expect([verified, asked]).toEqual([[], []]);
  });

  it('takes both secrets while they are rotated', async () => {
    const next = randomBytes(32).toString('base64url');
    const { post } = await start({ secrets: [secret, next] });
    expect(await post(buildWebhook('received', { messageId: id }))).toBe(202);
    expect(await post(buildWebhook('sent', { messageId: id }), `/hooks/${next}`)).toBe(202);
  });

  it('refuses what is no JSON, and takes an event that it does not know', async () => {
    const { handler, post, dropped } = await start();
    expect(await post('<html>')).toBe(400);
    expect(await post('')).toBe(400);
    expect(await post({ eventType: 'FILE.RECEIVED' })).toBe(202);
    await handler.idle();
    expect(dropped).toEqual(['unknown-event']);
  });

  it('refuses a body that is too large, announced or not, without keeping it', async () => {
    const { port, post, asked } = await start({ maxBytes: 1000 });
    expect(await post(' '.repeat(1001))).toBe(413);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(`POST /${secret} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
        // Goes on without an end: the answer must not wait for one.
        socket.write(`400\r\n${'x'.repeat(1024)}\r\n`);
      });
      let text = '';
      socket.on('data', (chunk) => (text += String(chunk)));
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*Connection: close/i);
    expect(asked).toEqual([]);
  });

  it('takes what a body parser made of it, and holds its limit on bytes', async () => {
    const { handler, verified } = await start({ maxBytes: 1000 });
    const status = (body: unknown) =>
      new Promise<number>((resolve) => {
        const response = {
          statusCode: 0,
          setHeader: () => undefined,
          end: () => resolve(response.statusCode),
        };
        handler({ method: 'POST', url: `/${secret}`, headers: {}, body, on: () => undefined }, response);
      });
    expect(await status(buildWebhook('received', { messageId: id }))).toBe(202);
    expect(await status(Buffer.from(JSON.stringify(buildWebhook('sent', { messageId: id }))))).toBe(202);
    expect(await status(Buffer.alloc(1001))).toBe(413);
    await handler.idle();
    expect(verified).toHaveLength(2);
  });

  it.each([
    ['a message that is not there', { messageId: '<forged@x>' }, 'not-found', 3],
    ['another partner than the message has', { messageId: id, partner: 'EVIL' }, 'other-parties', 1],
    ['another station than the message has', { messageId: id, station: 'OTHER' }, 'other-parties', 1],
  ])('does not believe %s', async (_what, parts, why, looks) => {
    const { handler, post, verified, dropped, asked } = await start();
    expect(await post(buildWebhook('received', parts))).toBe(202);
    await handler.idle();
    expect({ verified, dropped, looks: asked.length }).toEqual({ verified: [], dropped: [why], looks });
  });

  it('looks again for a message that the outbox does not show yet', async () => {
    const states = ['unknown', 'unknown', 'sent'] as const;
    let looks = 0;
    const pauses: number[] = [];
    const { handler, post, verified } = await start({
      gateway: {
        inbox: { get: () => Promise.reject(notFound()) },
        outbox: { delivery: () => Promise.resolve(buildDelivery(states[looks++])) },
      },
      sleep: (ms) => Promise.resolve(void pauses.push(ms)),
    });
    await post(buildWebhook('sent', { messageId: id }));
    await handler.idle();
    expect(pauses).toEqual([2_000, 10_000]);
    expect(verified).toHaveLength(1);
  });

  it('does the work of an event once, and again only after it failed', async () => {
    let tries = 0;
    const { handler, post, failed } = await start({
      onEvent: () => {
        tries += 1;
        if (tries === 1) throw new Error('database is away');
      },
    });
    const event = buildWebhook('received', { messageId: id });
    for (let count = 0; count < 4; count += 1) {
      expect(await post(event)).toBe(202);
      await handler.idle();
    }
    expect({ tries, failed }).toEqual({ tries: 2, failed: [new Error('database is away')] });
    // The same id at another time is another message, or another failure of the same.
    await post(buildWebhook('received', { messageId: id, at: 1 }));
    await handler.idle();
    expect(tries).toBe(3);
  });

  it('takes no more than it was told to at a time, and none after it was closed', async () => {
    let finish = (): void => undefined;
    const gate = new Promise<void>((resolve) => (finish = resolve));
    const { handler, post, dropped } = await start({ maxPending: 1, onEvent: () => gate });
    expect(await post(buildWebhook('received', { messageId: id }))).toBe(202);
    expect(await post(buildWebhook('sent', { messageId: id }))).toBe(503);
    expect(dropped).toEqual(['too-many']);
    finish();
    await handler.close();
    expect(await post(buildWebhook('sent', { messageId: id }))).toBe(503);
  });

  it('survives observers that throw', async () => {
    const broken = () => {
      throw new Error('observer');
    };
    const { handler, post } = await start({ onDropped: broken, onError: broken, onEvent: broken });
    expect(await post(buildWebhook('received', { messageId: id }))).toBe(202);
    expect(await post({ eventType: 'x' })).toBe(202);
    await handler.idle();
    expect(await post(buildWebhook('received', { messageId: id }))).toBe(202);
  });
});
