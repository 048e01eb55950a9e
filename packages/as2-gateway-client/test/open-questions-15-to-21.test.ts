/**
 * One group for each open question of the reference, by its number there: what this client does where the vendor's
 * pages do not answer. When a real account answers one, its group says what has to change.
 */
import { isPayloadTooLargeError } from '../src/index';
import type { Answer } from './scripted-gateway';
import { id, inbound, list, message, on, page, queued, scriptedServers } from './scripted-questions';

describe('open question', () => {
  const start = scriptedServers();

  describe('15: whether listing attachments marks a message read', () => {
    it('is not relied on: a drain marks by its own call, when it is told to', async () => {
      let unread = true;
      const { server, gateway } = await start(({ call, query }) => {
        if (call === 'GET /message/inbox') return page(...(unread ? [id] : []));
        if (call.endsWith('/attachments')) return { json: { total: 0, attachments: [] } };
        unread &&= query['markAsRead'] !== 'true';
        return { json: inbound };
      });
      for await (const each of gateway.inbox.drain()) {
        expect(server.seen.filter(({ query }) => query['markAsRead'] === 'true')).toEqual([]);
        await each.acknowledge();
      }
      expect(unread).toBe(false);
    });
  });

  describe('16: GET /message/outbox/{id} of a message that is not sent', () => {
    it.each(['queued', 'failed', 'incomplete'])('may be a 404 of one that is %s', async (box) => {
      const { gateway } = await start(({ call }) => {
        if (call === `GET /message/outbox/${box}`) return page(id);
        return call.startsWith('GET /message/outbox/<') ? undefined : page();
      });
      expect(await gateway.outbox.delivery(id)).toEqual({ state: box, good: false });
    });

    it('may be a 404 in every box for a while: that is unknown, and no failure', async () => {
      const { gateway } = await start(({ call }) =>
        call.startsWith('GET /message/outbox/<') ? undefined : page(),
      );
      expect(await gateway.outbox.waitForDelivery(id, { timeoutMs: 1, pollMs: 1 })).toEqual({
        state: 'unknown',
        good: false,
      });
    });
  });

  describe('17: what a message has in it', () => {
    it('may be next to nothing', async () => {
      const { gateway } = await start(() => ({ json: {} }));
      expect(await gateway.outbox.get(id)).toEqual({ id, attachmentNames: [], raw: {} });
    });

    it('may be more than is known, and numbers beyond 2^53', async () => {
      const json =
        '{"identifier":"<1@mftgateway.com>","id":159592985268293701,"msgStatus":"In Transit","later":{"x":[1]},"mdnMessage":{"messageId":159592985268293702}}';
      const { gateway } = await start((seen) =>
        seen.call.startsWith('GET /message')
          ? { text: json, headers: { 'content-type': 'application/json' } }
          : undefined,
      );
      expect(await gateway.outbox.get(id)).toMatchObject({
        status: 'In Transit',
        raw: { id: '159592985268293701', later: { x: [1] }, mdnMessage: { messageId: '159592985268293702' } },
      });
    });
  });

  describe('18: the parts of several attachments', () => {
    const two = { ...message, attachments: [...message.attachments, ...message.attachments] };

    it('are named File, or as told, with names that differ', async () => {
      const { server, gateway } = await start(on('POST /message/submit', queued));
      await gateway.messages.send(two);
      await server.connect({ multipartField: 'file' }).messages.send(two);
      const fields = server.seen.flatMap(({ body }) => [
        ...String(body).matchAll(/; name="(\w+)"; filename="([^"]+)"/g),
      ]);
      expect(fields.map(([, field, name]) => [field, name])).toEqual([
        ['File', 'a.xml'],
        ['File', 'a (2).xml'],
        ['file', 'a.xml'],
        ['file', 'a (2).xml'],
      ]);
    });

    it('are none for a single one, which is the body itself', async () => {
      const { server, gateway } = await start(on('POST /message/submit', queued));
      await gateway.messages.send(message);
      const { headers, body } = server.seen.at(-1)!;
      expect([headers['attachment-name'], String(body)]).toEqual(['a.xml', '<a/>']);
    });
  });

  describe('19: text beyond ASCII', () => {
    const named = (name: string) => ({ ...message, attachments: [{ name, content: Buffer.from('x') }] });

    it('is refused beyond Latin-1, and always with a line break', async () => {
      const { server, gateway } = await start(on('POST /message/submit', queued));
      for (const wrong of [
        named('订单'),
        named('a\r\nX: y'),
        { ...message, subject: '订单' },
        { ...message, subject: 'a\nb' },
      ]) {
        await expect(gateway.messages.send(wrong)).rejects.toMatchObject({ outcome: 'not-sent' });
      }
      for (const wrong of [named('a\r\nX: y'), { ...message, subject: 'a\nb' }]) {
        const options = { nonAsciiNames: 'multipart', nonAsciiSubject: 'encoded-word' } as const;
        await expect(gateway.messages.send(wrong, options)).rejects.toMatchObject({ outcome: 'not-sent' });
      }
      expect(server.seen).toEqual([]);
    });

    it('is encoded where told to', async () => {
      const { server, gateway } = await start(on('POST /message/submit', queued));
      await gateway.messages.send(
        { ...named('订单.xml'), subject: '订单' },
        { nonAsciiNames: 'multipart', nonAsciiSubject: 'encoded-word' },
      );
      const { headers, body } = server.seen.at(-1)!;
      expect(headers['subject']).toBe('=?UTF-8?B?6K6i5Y2V?=');
      expect(String(body)).toContain('filename="订单.xml"');
    });
  });

  describe('20: the size limit', () => {
    it.each([
      ['JSON', { json: { message: 'Request Too Long' } }],
      ['HTML', { text: '<html><h1>413</h1></html>' }],
    ])('is a typed error at 413 with %s, which names S3 and SFTP', async (_what, answer) => {
      const { gateway } = await start(on('POST /message/submit', { status: 413, ...answer }));
      const error: unknown = await gateway.messages.send(message).catch((reason: unknown) => reason);
      expect(isPayloadTooLargeError(error)).toBe(true);
      expect(error).toMatchObject({ outcome: 'rejected', message: expect.stringMatching(/S3 or SFTP/) });
    });
  });

  describe('21: too many requests', () => {
    const busy: Answer = {
      status: 429,
      json: { message: 'Too Many Requests' },
      headers: { 'retry-after': '7' },
    };

    it('waits as long as it is told to before a read is repeated', async () => {
      const waits: number[] = [];
      const { gateway } = await start(
        (seen, count) => (seen.call === 'GET /message/inbox' && count === 1 ? busy : list(seen)),
        {
          sleep: (ms) => Promise.resolve(void waits.push(ms)),
        },
      );
      await gateway.inbox.list();
      expect(Math.max(...waits)).toBeGreaterThanOrEqual(7_000);
    });

    it('never repeats a submit', async () => {
      const { server, gateway } = await start(on('POST /message/submit', busy));
      await expect(gateway.messages.send(message)).rejects.toMatchObject({
        status: 429,
        retryAfterMs: 7_000,
        outcome: 'rejected',
      });
      expect(server.calls()).toHaveLength(1);
    });
  });
});
