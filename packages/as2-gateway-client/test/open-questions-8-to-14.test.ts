/**
 * One group for each open question of the reference, by its number there: what this client does where the vendor's
 * pages do not answer. When a real account answers one, its group says what has to change.
 */
import { id, inbound, list, message, on, page, scriptedServers } from './scripted-questions';

describe('open question', () => {
  const start = scriptedServers();

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
});
