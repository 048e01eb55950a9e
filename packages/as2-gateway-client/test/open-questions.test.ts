/**
 * One group for each open question of the reference, by its number there: what this client does where the vendor's
 * pages do not answer. When a real account answers one, its group says what has to change.
 */
import { buffer } from 'node:stream/consumers';
import { isNotFoundError, isPayloadTooLargeError, isUnauthorizedError, parseWebhook } from '../src/index';
import type { As2GatewayClientOptions } from '../src/index';
import { startScriptedGateway } from './scripted-gateway';
import type { Answer, ScriptedGateway, Seen } from './scripted-gateway';
import { startPair } from './start-pair';

const id = '<1@mftgateway.com>';
const message = { from: 'HUB', to: 'ACME', attachments: [{ name: 'a.xml', content: Buffer.from('<a/>') }] };
const inbound = { identifier: id, senderIdentifier: 'ACME', receiverIdentifier: 'HUB' };
const page = (...messages: unknown[]): Answer => ({ json: { messages } });
const queued: Answer = { status: 202, json: { messageIdentifier: id } };

describe('open question', () => {
  const open: ScriptedGateway[] = [];
  afterEach(async () => {
    for (const server of open.splice(0)) await server.close();
  });
  async function start(
    answer: (request: Seen, count: number) => Answer | undefined,
    options: Partial<As2GatewayClientOptions> = {},
    login?: () => Answer,
  ) {
    const server = await startScriptedGateway(answer, login);
    open.push(server);
    return { server, gateway: server.connect(options) };
  }
  const on = (call: string, answer: Answer) => (seen: Seen) => (seen.call === call ? answer : undefined);
  const list = on('GET /message/inbox', page());

  describe('1: names of the token pair', () => {
    it('sends tokenID and tokenSecret and no variants; another body can be built', async () => {
      const { server, gateway } = await start(list);
      await gateway.inbox.list();
      const body = ({ tokenId, tokenSecret }: { tokenId: string; tokenSecret: string }) => ({
        id: tokenId,
        key: tokenSecret,
      });
      await server.connect({ auth: { tokenId: 'i', tokenSecret: 's', body } }).inbox.list();
      const bodies = server.seen
        .filter(({ call }) => call === 'POST /authorize')
        .map((seen) => String(seen.body));
      expect(bodies).toEqual(['{"tokenID":"id","tokenSecret":"secret"}', '{"id":"i","key":"s"}']);
    });

    it.each([400, 401, 422])('says at %d that the spelling is not confirmed', async (status) => {
      const { gateway } = await start(list, {}, () => ({ status, json: { message: 'no' } }));
      await expect(gateway.inbox.list()).rejects.toThrow(/not confirmed by the vendor/);
    });
  });

  describe('2: names and unit in the answer of /authorize', () => {
    it.each([
      ['new names, seconds', { apiToken: 't', refreshToken: 'r', apiTokenExpiryIn: 3600 }],
      ['old names', { api_token: 't', refresh_token: 'r' }],
      ['milliseconds', { apiToken: 't', apiTokenExpiryIn: 3_600_000 }],
      ['a date', { apiToken: 't', apiTokenExpiryIn: Date.now() + 3_600_000 }],
    ])('reads %s, and logs in once for many calls', async (_what, json) => {
      const { server, gateway } = await start(list, {}, () => ({ json }));
      for (let count = 0; count < 3; count += 1) await gateway.inbox.list();
      expect(server.seen).toHaveLength(4);
    });
  });

  describe('3: Bearer', () => {
    it('sends the bare token, or a word before it where told to', async () => {
      const { server, gateway } = await start(list);
      await gateway.inbox.list();
      await server.connect({ tokenScheme: 'Bearer' }).inbox.list();
      const values = server.seen.flatMap(({ headers }) => headers.authorization ?? []);
      expect(values).toEqual(['token-1', 'Bearer token-2']);
    });
  });

  describe('4: the status of an ended token', () => {
    it.each([401, 403])('logs in once more at %d, and repeats the call once', async (status) => {
      let time = Date.now();
      const { server, gateway } = await start(
        (seen) => {
          if (seen.headers.authorization === 'token-1') return { status, json: { message: 'Unauthorized' } };
          return list(seen);
        },
        { now: () => time },
      );
      await expect(gateway.messages.send(message)).rejects.toMatchObject({
        status: status === 401 ? 404 : 403,
      });
      time += 120_000; // a token just made is not suspected at 403
      expect((await gateway.inbox.list()).ids).toEqual([]);
      expect(server.seen.filter(({ call }) => call === 'POST /authorize')).toHaveLength(2);
    });

    it('gives up after one', async () => {
      const { server, gateway } = await start(
        on('GET /message/inbox', { status: 401, json: { message: 'no' } }),
      );
      const error: unknown = await gateway.inbox.list().catch((reason: unknown) => reason);
      expect(isUnauthorizedError(error)).toBe(true);
      expect(server.calls()).toHaveLength(2);
    });
  });

  describe('5: refreshing', () => {
    const expiring = { apiToken: 't', refreshToken: 'r', apiTokenExpiryIn: 3600 };
    const logins = ({ seen }: ScriptedGateway) =>
      seen.map(({ call }) => call).filter((call) => call.startsWith('POST'));
    const answer = (seen: Seen): Answer | undefined => {
      if (seen.call === 'POST /refresh-session') return { status: 500, json: { message: 'Error occurred' } };
      return list(seen);
    };

    it.each([
      [
        'never asks for it with a token pair',
        { tokenId: 'i', tokenSecret: 's' },
        ['POST /authorize', 'POST /authorize'],
      ],
      [
        'takes its failure, a 500, for a reason to log in anew',
        { username: 'u', password: 'p' },
        ['POST /authorize', 'POST /refresh-session', 'POST /authorize'],
      ],
    ])('%s', async (_what, auth, expected) => {
      let time = Date.now();
      const { server, gateway } = await start(answer, { auth, now: () => time }, () => ({ json: expiring }));
      await gateway.inbox.list();
      time += 2 * 3_600_000;
      await gateway.inbox.list();
      expect(logins(server)).toEqual(expected);
    });
  });

  describe('6: the old names', () => {
    it.each([
      [
        'v2',
        { stationIdentifier: 'HUB', partnerIdentifier: 'ACME' },
        { identifier: id },
        'messageIdentifiers',
      ],
      ['v1', { stationAS2Id: 'HUB', partnerAS2Id: 'ACME' }, { as2MessageId: id }, 'as2MessageIds'],
    ] as const)('sends those of %s alone', async (compat, parties, byId, batch) => {
      const { server, gateway } = await start(
        (seen) => list(seen) ?? on('POST /message/inbox/delete', { json: { deleted: [id] } })(seen),
        { compat },
      );
      await gateway.inbox.list({ station: 'HUB', partner: 'ACME' });
      await gateway.inbox.list({ id });
      await gateway.inbox.deleteMany([id]);
      const rest = { service: 'as2', sortDir: 'asc', pageLength: '100', pageOffset: '0', fetchAll: 'false' };
      expect(server.seen.slice(1).map(({ query }) => query)).toEqual([
        { ...rest, ...parties },
        { ...rest, ...byId },
        { service: 'as2' },
      ]);
      expect(JSON.parse(String(server.seen.at(-1)?.body))).toEqual({ [batch]: [id] });
    });
  });

  describe('7: service', () => {
    const everything = async ({ gateway }: Awaited<ReturnType<typeof start>>) => {
      const { inbox, outbox, messages, stations, partners, certificates } = gateway;
      const calls = [
        () => inbox.list(),
        () => inbox.get(id),
        () => inbox.markRead(id),
        () => inbox.markUnread(id),
        () => inbox.attachments(id),
        () => inbox.mdn(id),
        () => inbox.delete(id),
        () => outbox.get(id),
        () => outbox.queued(),
        () => outbox.deleteMany([id]),
        () => messages.send(message),
        () => stations.list(),
        () => partners.list(),
        () => certificates.get('a'),
      ];
      for (const call of calls) await call().catch(() => undefined);
      return calls.length;
    };

    it('is sent with every call but that of logging in', async () => {
      const started = await start(() => undefined);
      const count = await everything(started);
      const [login, ...others] = started.server.seen;
      expect(login?.query).toEqual({});
      expect(others).toHaveLength(count);
      expect(others.filter(({ query }) => query['service'] !== 'as2')).toEqual([]);
    });

    it('can be left out, but for the change of a partner, where it is demanded', async () => {
      const started = await start(() => undefined, { service: false });
      await everything(started);
      expect(started.server.seen.filter(({ query }) => 'service' in query)).toEqual([]);
      await started.gateway.partners.update('ACME', { name: 'x' }).catch(() => undefined);
      expect(started.server.seen.at(-1)?.query).toEqual({ service: 'as2' });
    });
  });

  describe('8: the key of the id of a submit', () => {
    it.each(['messageIdentifier', 'as2messageId', 'as2MessageId', 'identifier', 'AS2MESSAGEID'])(
      'may be %s',
      async (key) => {
        const { gateway } = await start(
          on('POST /message/submit', { status: 202, json: { message: 'ok', [key]: id } }),
        );
        expect((await gateway.messages.send(message)).id).toBe(id);
      },
    );
  });

  describe('9: the form of Link', () => {
    const base = 'https://api.mftgateway.com/message/outbox/';
    it.each([
      `${base}${id}`,
      `${base}${encodeURIComponent(id)}`,
      `<${base}${id}>; rel="self"`,
      `<${base}${encodeURIComponent(id)}>; rel="self"`,
    ])('may be %s', async (link) => {
      const { gateway } = await start(
        on('POST /message/submit', { status: 202, json: {}, headers: { link } }),
      );
      expect((await gateway.messages.send(message)).id).toBe(id);
    });

    it('may be missing together with the id: then the outcome is unknown, and nothing is sent again', async () => {
      const { server, gateway } = await start(on('POST /message/submit', { status: 202, json: {} }));
      await expect(gateway.messages.send(message)).rejects.toMatchObject({ outcome: 'unknown' });
      expect(server.calls()).toEqual(['POST /message/submit']);
    });
  });

  describe('10: items of lists', () => {
    it.each<[string, unknown]>([
      ['strings', { messages: ['<1@x>', '<2@x>'] }],
      ['new objects', { messages: [{ identifier: '<1@x>' }, { identifier: '<2@x>', subject: 's' }] }],
      ['old objects', { messages: [{ as2MessageId: '<1@x>' }, { as2MessageId: '<2@x>' }] }],
      ['a bare array', ['<1@x>', '<2@x>']],
      ['doubles', { messages: ['<1@x>', '<2@x>', '<1@x>'] }],
    ])('may be %s', async (_what, json) => {
      const { gateway } = await start(on('GET /message/inbox', { json }));
      expect((await gateway.inbox.list()).ids).toEqual(['<1@x>', '<2@x>']);
    });
  });

  describe('11: the unit of pageOffset', () => {
    const ids = Array.from({ length: 25 }, (_value, index) => `<${String(index)}@x>`);
    it.each([
      ['pages', 10],
      ['messages', 1],
    ])('may be %s: all are listed once', async (_what, step) => {
      const { gateway } = await start(({ call, query }) => {
        if (call !== 'GET /message/inbox') return undefined;
        const from = Number(query['pageOffset']) * step;
        return page(...ids.slice(from, from + Number(query['pageLength'])));
      });
      const listed: string[] = [];
      for await (const each of gateway.inbox.listAll({ pageLength: 10 })) listed.push(each);
      expect(listed).toEqual(ids);
    });
  });

  describe('12: filters by date and a cursor', () => {
    it('can be tried as further parameters, but never in the place of those that are known', async () => {
      const { server, gateway } = await start(list);
      await gateway.inbox.list({ partner: 'ACME', extra: { fromDate: 1, cursor: 'x', deep: true } });
      expect(server.seen.at(-1)?.query).toMatchObject({
        fromDate: '1',
        cursor: 'x',
        deep: 'true',
        partnerIdentifier: 'ACME',
      });
      for (const name of ['identifier', 'as2MessageId', 'subject', 'fetchAll', 'service', 'pageLength']) {
        await expect(gateway.inbox.list({ extra: { [name]: 'x' } })).rejects.toMatchObject({
          outcome: 'not-sent',
        });
      }
    });

    it('are done on this side', async () => {
      const times: Record<string, number> = { '<1@x>': 10, '<2@x>': 20, '<3@x>': 30 };
      const { gateway } = await start(({ call }) => {
        if (call === 'GET /message/inbox') return page(...Object.keys(times));
        const wanted = call.slice('GET /message/inbox/'.length);
        return {
          json: {
            ...inbound,
            identifier: wanted,
            timestamp: times[wanted],
            attachmentPaths: [`x/${wanted}.xml`],
          },
        };
      });
      const found: string[] = [];
      for await (const each of gateway.inbox.search({ since: 15, until: new Date(30) })) found.push(each.id);
      for await (const each of gateway.inbox.search({ attachmentName: '<1@x>.xml' })) found.push(each.id);
      expect(found).toEqual(['<2@x>', '<1@x>']);
    });
  });

  describe('13: how subjects are compared, and two primary filters', () => {
    it('takes a list for too much, and looks at each message again', async () => {
      const { gateway } = await start(({ call }) => {
        if (call === 'GET /message/inbox') return page('<1@x>', '<2@x>', '<3@x>');
        const wanted = call.slice('GET /message/inbox/'.length);
        const sender = wanted === '<3@x>' ? 'OTHER' : 'ACME';
        return {
          json: {
            ...inbound,
            identifier: wanted,
            senderIdentifier: sender,
            subject: wanted === '<1@x>' ? 'Order 7' : 'Invoice',
          },
        };
      });
      const found: string[] = [];
      for await (const each of gateway.inbox.search({ subject: 'Order' })) found.push(each.id);
      for await (const each of gateway.inbox.search({ station: 'HUB', partner: 'ACME' })) found.push(each.id);
      expect(found).toEqual(['<1@x>', '<1@x>', '<2@x>']);
    });
  });

  describe('14: the default of markAsRead', () => {
    it('does not matter, as it is always sent', async () => {
      const { server, gateway } = await start(on(`GET /message/inbox/${id}`, { json: inbound }));
      await gateway.inbox.get(id);
      await gateway.inbox.get(id, { markAsRead: true });
      await gateway.inbox.markRead(id);
      expect(server.seen.slice(1).map(({ query }) => query['markAsRead'])).toEqual(['false', 'true', 'true']);
    });
  });

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
