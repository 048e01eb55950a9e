import type { As2GatewaySandbox } from '../src/index';
import { attachment, CERTIFICATE, gatewayFixture, login, segment } from './gateway-fixture';
import type { GatewayFixture, Json } from './gateway-fixture';
import { expectLostAnswer, operationsOf } from './operations-kit';
import type { OperationCase } from './operations-kit';

interface World extends GatewayFixture {
  readonly handle: As2GatewaySandbox;
  readonly refreshToken: string;
  /** Unread, with one attachment. */
  readonly inbox: string;
  /** Sent. */
  readonly outbox: string;
  readonly download: string;
  readonly alias: string;
}

const IN = segment('<in@acme>');
const listed = async (world: World, id: string): Promise<boolean> =>
  (await world.list('/message/inbox?fetchAll=true')).includes(id);
const unread = async (world: World): Promise<boolean> =>
  (await world.list('/message/inbox')).includes(world.inbox);
const names = async (world: World, path: string, key: string): Promise<unknown[]> =>
  (await world.json('GET', path))[key].map((item: Json) => item.identifier);
const post = (world: World, path: string, body: object, method = 'POST'): Promise<Response> =>
  world.call(method, path, { body: JSON.stringify(body) });
const selfSigned = {
  type: 'NEW_SELF_SIGN_CERTIFICATE',
  commonName: 'c',
  password: 'p',
  keyLength: 2048,
  validity: 1,
};
const CASES: readonly OperationCase<World>[] = [
  { operation: 'POST /authorize', call: ({ handle }) => login(handle) },
  {
    operation: 'POST /refresh-session',
    // The token has served: whoever lost the answer has to log in again.
    again: 500,
    call: ({ handle, refreshToken }) =>
      fetch(`${handle.url}/refresh-session`, {
        method: 'POST',
        body: JSON.stringify({ username: handle.credentials.username, refreshToken }),
      }),
  },
  {
    operation: 'POST /message/submit',
    status: 202,
    call: (world) =>
      world.call('POST', '/message/submit', {
        headers: { 'AS2-From': 'HUB', 'AS2-To': 'GLOBEX' },
        body: 'x',
      }),
    done: ({ handle, pass }) => {
      pass(1_000);
      return handle.partner('GLOBEX').received.length === 1;
    },
  },
  ...['/message/inbox', '/message/outbox', '/station', '/partner', '/certificate'].map((path) => ({
    operation: `GET ${path}`,
    call: (world: World) => world.call('GET', path),
  })),
  ...['queued', 'failed', 'incomplete'].map((box) => ({
    operation: `GET /message/outbox/${box}`,
    call: (world: World) => world.call('GET', `/message/outbox/${box}`),
  })),
  {
    operation: 'GET /message/inbox/{id}',
    call: (world) => world.call('GET', `/message/inbox/${IN}`),
    done: async (world) => !(await unread(world)),
  },
  {
    operation: 'POST /message/inbox/{id}/markUnread',
    prepare: (world) => world.call('GET', `/message/inbox/${IN}`),
    call: (world) => world.call('POST', `/message/inbox/${IN}/markUnread`),
    done: unread,
  },
  ...(['attachments', 'mdn'] as const).flatMap((part) => [
    {
      operation: `GET /message/inbox/{id}/${part}`,
      call: (world: World) => world.call('GET', `/message/inbox/${IN}/${part}`),
    },
    {
      operation: `GET /message/outbox/{id}/${part}`,
      call: (world: World) => world.call('GET', `/message/outbox/${segment(world.outbox)}/${part}`),
    },
  ]),
  {
    operation: 'GET /message/outbox/{id}',
    call: (world) => world.call('GET', `/message/outbox/${segment(world.outbox)}`),
  },
  {
    operation: 'DELETE /message/inbox/{id}',
    again: 404,
    call: (world) => world.call('DELETE', `/message/inbox/${IN}`),
    done: async (world) => !(await listed(world, world.inbox)),
  },
  {
    operation: 'DELETE /message/outbox/{id}',
    again: 404,
    call: (world) => world.call('DELETE', `/message/outbox/${segment(world.outbox)}`),
    done: async (world) => !(await world.list('/message/outbox')).includes(world.outbox),
  },
  {
    operation: 'POST /message/inbox/delete',
    again: 404,
    call: (world) => post(world, '/message/inbox/delete', { messageIdentifiers: [world.inbox] }),
    done: async (world) => !(await listed(world, world.inbox)),
  },
  {
    operation: 'POST /message/outbox/delete',
    again: 404,
    call: (world) => post(world, '/message/outbox/delete', { messageIdentifiers: [world.outbox] }),
    done: async (world) => !(await world.list('/message/outbox')).includes(world.outbox),
  },
  {
    operation: 'POST /station',
    again: 422,
    call: (world) =>
      post(world, '/station', {
        name: 's',
        identifier: 'NEW',
        email: 'a@b.example',
        certificate: selfSigned,
      }),
    done: async (world) => (await names(world, '/station', 'stations')).includes('NEW'),
  },
  {
    operation: 'POST /partner',
    again: 422,
    call: (world) =>
      post(world, '/partner', {
        name: 'p',
        identifier: 'NEW',
        url: 'https://p.example',
        encryptionCertificate: CERTIFICATE,
      }),
    done: async (world) => (await names(world, '/partner', 'partners')).includes('NEW'),
  },
  {
    // The alias is taken: the second one gets a number.
    operation: 'POST /certificate',
    call: (world) => post(world, '/certificate', { alias: 'new', certificate: CERTIFICATE }),
    done: async (world) => (await world.call('GET', '/certificate/new')).status === 200,
  },
  {
    operation: 'PUT /partner',
    call: (world) => post(world, '/partner?service=as2', { identifier: 'ACME', name: 'changed' }, 'PUT'),
    done: async (world) =>
      (await world.json('GET', '/partner')).partners.some((item: Json) => item.name === 'changed'),
  },
  {
    operation: 'GET /certificate/{alias}',
    call: (world) => world.call('GET', `/certificate/${segment(world.alias)}`),
  },
  {
    operation: 'HEAD /{bucket}/{*key}',
    status: 403,
    call: ({ download }) => fetch(download, { method: 'HEAD' }),
  },
  { operation: 'GET /{bucket}/{*key}', call: ({ download }) => fetch(download) },
];

describe('an answer that is lost after the work was done: every operation of the gateway', () => {
  let world: World;
  beforeEach(async () => {
    const fixture = await gatewayFixture({ sendDelayMs: 0, outboxHiddenMs: 0 });
    const { gateway, json } = fixture;
    const { username, password } = gateway.credentials;
    const session = (await (await login(gateway, { username, password })).json()) as Json;
    const sent = await gateway.partner('ACME').send({ messageId: '<in@acme>', attachments: [attachment()] });
    const submitted = await json('POST', '/message/submit', {
      headers: { 'AS2-From': 'HUB', 'AS2-To': 'WAREHOUSE' },
      body: 'x',
    });
    const { attachments } = await json('GET', `/message/inbox/${IN}/attachments`);
    const [{ alias }] = await json('GET', '/certificate');
    world = {
      ...fixture,
      handle: gateway,
      refreshToken: session.refreshToken,
      inbox: sent.messageId,
      outbox: submitted.messageIdentifier,
      download: attachments[0].url,
      alias,
    };
  });
  afterEach(() => world.handle.close());

  it('leaves out none', () => {
    const cases = CASES.map(({ operation }) => operation);
    expect([...cases].sort()).toEqual(operationsOf(world.handle).sort());
  });

  it.each(CASES.map((one) => [one.operation, one] as const))('%s', async (_name, one) => {
    await expectLostAnswer(world, one);
  });
});
