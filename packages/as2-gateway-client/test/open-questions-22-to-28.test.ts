/**
 * One group for each open question of the reference, by its number there: what this client does where the vendor's
 * pages do not answer. When a real account answers one, its group says what has to change.
 */
import { buffer } from 'node:stream/consumers';
import { isNotFoundError, parseWebhook } from '../src/index';
import type { Answer } from './scripted-gateway';
import { id, message, on, page, scriptedServers } from './scripted-questions';
import { startPair } from './start-pair';

describe('open question', () => {
  const start = scriptedServers();

  describe('22: the body of an error', () => {
    it.each<[string, Answer, RegExp]>([
      ['message', { json: { message: 'Words' } }, /It says: Words/],
      ['Message', { json: { Message: 'Words' } }, /It says: Words/],
      ['error', { json: { error: 'Words' } }, /It says: Words/],
      [
        'a list of one-key objects',
        { json: { message: 'Bad', errors: [{ name: 'is required' }] } },
        /Bad: name is required/,
      ],
      ['a list of texts', { json: { errors: ['a', 'b'] } }, /It says: a; b/],
      ['a map', { json: { errors: { name: 'is required' } } }, /name is required/],
      ['HTML', { text: '<html>' }, /answered 422/],
    ])('may be %s', async (_what, answer, words) => {
      const headers = { 'x-amzn-requestid': 'r-1' };
      const { gateway } = await start(on('POST /message/submit', { status: 422, headers, ...answer }));
      await expect(gateway.messages.send(message)).rejects.toMatchObject({
        status: 422,
        requestId: 'r-1',
        message: expect.stringMatching(words),
      });
    });
  });

  describe('23: lists of stations, partners and certificates', () => {
    it.each<[string, unknown, unknown, unknown]>([
      [
        'objects',
        { stations: [{ identifier: 'A' }] },
        { partners: [{ identifier: 'B' }] },
        { certificates: [{ alias: 'c' }] },
      ],
      ['bare arrays of old names', [{ as2Identifier: 'A' }], [{ as2Identifier: 'B' }], [{ alias: 'c' }]],
    ])('may be %s', async (_what, stations, partners, certificates) => {
      const answers: Record<string, unknown> = {
        station: stations,
        partner: partners,
        certificate: certificates,
      };
      const { gateway } = await start(({ call }) => {
        const json = answers[call.slice('GET /'.length)];
        return json === undefined ? undefined : { json };
      });
      expect((await gateway.stations.find('A'))?.identifier).toBe('A');
      expect((await gateway.partners.list()).map(({ identifier }) => identifier)).toEqual(['B']);
      expect(await gateway.certificates.list()).toEqual([{ alias: 'c' }]);
    });
  });

  describe('24: calls that may exist', () => {
    it('are reached by request, with the client’s token, errors and limits', async () => {
      const { server, gateway } = await start(
        on(`POST /message/outbox/${id}/resend`, { json: { message: 'ok' } }),
      );
      const resend = {
        name: 'outbox.resend',
        method: 'POST',
        path: '/message/outbox/{id}/resend',
        safety: 'unsafe',
        encode: (params: { id: string }) => ({ params }),
      } as const;
      expect(await gateway.request(resend, { id })).toEqual({ message: 'ok' });
      expect(server.seen.at(-1)?.headers.authorization).toBe('token-1');
      const before = server.seen.length;
      for (const wrong of ['', '.', '..'])
        await expect(gateway.request(resend, { id: wrong })).rejects.toMatchObject({ outcome: 'not-sent' });
      expect(server.seen).toHaveLength(before);
    });
  });

  describe('25: events of webhooks that are not documented', () => {
    it('are read as unknown', () => {
      const body = { eventType: 'FILE.UPLOADED', service: 'sftp', path: '/x' };
      expect(parseWebhook(body)).toEqual({ type: 'unknown', eventType: 'FILE.UPLOADED', raw: body });
    });
  });

  describe('26: deleting more than a hundred, and part of them', () => {
    it('goes in steps, and tells what was not deleted', async () => {
      const ids = Array.from({ length: 230 }, (_value, index) => `<${String(index)}@x>`);
      const steps: number[] = [];
      const { gateway } = await start(({ call, body }, count) => {
        if (call !== 'POST /message/outbox/delete') return undefined;
        const { messageIdentifiers } = JSON.parse(String(body)) as { messageIdentifiers: string[] };
        steps.push(messageIdentifiers.length);
        if (count === 2) return { status: 404, json: { message: 'Unable to find messages' } };
        return { json: { deleted: messageIdentifiers.slice(1) } };
      });
      const { deleted, notDeleted } = await gateway.outbox.deleteMany(ids);
      expect(steps).toEqual([100, 100, 30]);
      expect(notDeleted).toEqual(['<0@x>', ...ids.slice(100, 200), '<200@x>']);
      expect(deleted).toHaveLength(230 - notDeleted.length);
    });

    it('keeps what was deleted when a later step fails, and asks no further', async () => {
      const ids = Array.from({ length: 330 }, (_value, index) => `<${String(index)}@x>`);
      const { server, gateway } = await start(({ call, body }, count) => {
        if (call !== 'POST /message/inbox/delete') return undefined;
        if (count === 2) return { status: 403, json: { message: 'Forbidden' } };
        return {
          json: {
            deleted: (JSON.parse(String(body)) as { messageIdentifiers: string[] }).messageIdentifiers,
          },
        };
      });
      const result = await gateway.inbox.deleteMany(ids);
      expect(result).toEqual({
        deleted: ids.slice(0, 100),
        notDeleted: ids.slice(100),
        error: expect.objectContaining({ name: 'ForbiddenError' }),
      });
      expect(server.calls()).toHaveLength(2);
    });

    it('throws when nothing was deleted yet', async () => {
      const { gateway } = await start(
        on('POST /message/inbox/delete', { status: 403, json: { message: 'Forbidden' } }),
      );
      await expect(gateway.inbox.deleteMany(['<1@x>'])).rejects.toMatchObject({ name: 'ForbiddenError' });
    });

    it('finds an id that is none before the first is deleted', async () => {
      const { server, gateway } = await start(() => undefined);
      const ids = [...Array.from({ length: 120 }, (_value, index) => `<${String(index)}@x>`), ''];
      await expect(gateway.outbox.deleteMany(ids)).rejects.toMatchObject({
        name: 'InvalidRequestError',
        issues: [{ path: '120' }],
      });
      expect(server.seen).toEqual([]);
    });

    it('knows an id that the service gives back without its brackets, and none that was not asked for', async () => {
      const { gateway } = await start(
        on('POST /message/inbox/delete', { json: { deleted: ['1@x', '<9@x>'] } }),
      );
      expect(await gateway.inbox.deleteMany(['<1@x>', '<2@x>'])).toEqual({
        deleted: ['<1@x>'],
        notDeleted: ['<2@x>'],
      });
      expect(await gateway.inbox.deleteMany([])).toEqual({ deleted: [], notDeleted: [] });
    });
  });

  describe('27: files that are gone', () => {
    it('asks for one new address, and then says why', async () => {
      const pair = await startPair();
      try {
        const content = Buffer.from('x');
        const { messageId } = await pair.sandbox
          .partner('ACME')
          .send({ attachments: [{ name: 'a', content }] });
        const [link] = (await pair.gateway.inbox.attachments(messageId)).attachments;
        expect(await buffer((await pair.gateway.inbox.openAttachment(link!)).body)).toEqual(content);
        pair.advance(36 * 24 * 3_600_000);
        const error: unknown = await pair.gateway.inbox
          .openAttachment(link!)
          .catch((reason: unknown) => reason);
        expect(isNotFoundError(error)).toBe(true);
        expect(error).toMatchObject({ message: expect.stringMatching(/about 35 days/) });
        expect(pair.sandbox.calls['GET /message/inbox/{id}/attachments']).toBe(2);
        expect((await pair.gateway.inbox.get(messageId)).id).toBe(messageId); // the record stays
      } finally {
        await pair.close();
      }
    });
  });

  describe('28: other addresses of the service', () => {
    it('are an option, also with a path', async () => {
      const { server } = await start(({ call }) => (call === 'GET /eu/message/inbox' ? page(id) : undefined));
      const provider = () => 't';
      const gateway = server.connect({ baseUrl: `${server.url}/eu`, auth: { provider } });
      expect((await gateway.inbox.list()).ids).toEqual([id]);
    });
  });
});
