/**
 * One group for each open question of the reference, by its number there: what this client does where the vendor's
 * pages do not answer. When a real account answers one, its group says what has to change.
 */
import { isUnauthorizedError } from '../src/index';
import type { Answer, ScriptedGateway, Seen } from './scripted-gateway';
import { id, list, message, on, scriptedServers } from './scripted-questions';

describe('open question', () => {
  const start = scriptedServers();

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

    it.each([
      ['a 400', { status: 400, json: { message: 'no' } }],
      ['a 401', { status: 401, json: { message: 'no' } }],
      ['a 503', { status: 503, text: '<html>' }],
      ['a 200 that is none', { json: { message: 'ok' } }],
    ])('a refresh that answers %s is followed by one log-in', async (_what, refreshed) => {
      let time = Date.now();
      const { server, gateway } = await start(
        (seen) => (seen.call === 'POST /refresh-session' ? refreshed : answer(seen)),
        { auth: { username: 'u', password: 'p' }, now: () => time },
        () => ({ json: expiring }),
      );
      await gateway.inbox.list();
      time += 2 * 3_600_000;
      await Promise.all([gateway.inbox.list(), gateway.inbox.list(), gateway.inbox.list()]);
      expect(logins(server)).toEqual(['POST /authorize', 'POST /refresh-session', 'POST /authorize']);
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
});
