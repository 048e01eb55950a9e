/** The gateway grants few requests: mark read goes before submit, confirm, the poll, and the sweep, whoever asked first. */
import { As2GatewayClient } from '@mft-bridge/as2-gateway-client';
import { createAs2Destination } from '../../destinations/as2';
import type { Consignment, DeliverySteps } from '../../destinations/destination';
import { openSendWindow } from '../../destinations/send-window';
import { parcelOf } from '../../destinations/test/folder-attempt';
import type { IntakeFixture } from './intake-fixture';
import { noSignal, openIntakeFixture } from './intake-fixture';

let fixture: IntakeFixture;
let limited: As2GatewayClient;
beforeEach(async () => {
  fixture = await openIntakeFixture();
  const { tokenId, tokenSecret } = fixture.gateway.credentials;
  limited = new As2GatewayClient({
    baseUrl: fixture.gateway.url,
    auth: { tokenId, tokenSecret },
    limit: { perSecond: 2, burst: 1 },
    now: fixture.clock.now,
    // The sandbox's clock stands: waiting moves it.
    sleep: async (ms) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      fixture.clock.advance(ms);
    },
  });
});
afterEach(async () => {
  await limited.close();
  await fixture.close();
});

const consignment: Consignment = {
  delivery: {
    id: 'd'.repeat(32),
    destination: 'warehouse',
    state: 'due',
    intendedAt: null,
    sendBy: null,
    remoteId: null,
    proof: null,
  },
  station: 'HUB',
  partner: 'ACME',
  subject: 'Order',
  takenAt: 0,
  parcels: [parcelOf('order')],
};

test('mark read, submit, confirm, poll, sweep', async () => {
  const destination = createAs2Destination({
    name: 'warehouse',
    from: 'HUB',
    to: 'WAREHOUSE',
    subject: null,
    maxBytes: 1_000,
    settleMs: 0,
    gateway: limited,
  });
  const steps: DeliverySteps = {
    intend: () =>
      Promise.resolve(
        openSendWindow({
          forMs: 60_000,
          now: Date.now,
          monotonic: () => performance.now(),
          signal: noSignal,
        }),
      ),
    staged: () => Promise.resolve(),
    onBytes: () => undefined,
    refusal: () => Promise.resolve(null),
    isClaimed: () => Promise.resolve(false),
    signal: noSignal,
    now: fixture.clock.now(),
  };
  const sent = await fixture.other.messages.send({
    from: 'HUB',
    to: 'WAREHOUSE',
    attachments: [{ name: 'a.txt', content: Buffer.from('a') }],
  });
  await fixture.send('<taken@acme>');
  await (await fixture.open()).pollAll();
  await fixture.send('<read@acme>');
  await fixture.other.inbox.markRead('<read@acme>');

  const order: string[] = [];
  fixture.gateway.onCall(({ operation, phase }) => {
    if (phase !== 'received' || operation === 'GET /message/inbox') return;
    order.push(operation);
  });
  const { inbox } = limited;
  const list = inbox.list;
  inbox.list = async (query, options) => {
    const page = await list(query, options);
    order.push(query?.unreadOnly === true && query.sort === 'asc' ? 'poll' : 'sweep');
    return page;
  };
  const intake = await fixture.open({ gateway: limited });
  // The token, and the one request that the limit grants at once.
  await list({ station: 'HUB' });
  order.length = 0;
  const submitted = { ...consignment.delivery, state: 'submitted', remoteId: sent.id } as const;
  await Promise.all([
    intake.sweepAll(),
    intake.pollAll(),
    destination.confirm({ ...consignment, delivery: submitted }, steps),
    destination.deliver(consignment, steps),
    intake.acknowledge(),
  ]);
  const first = [...new Set(order)];
  const isKnown = (name: string): boolean =>
    ['GET /message/inbox/{id}', 'POST /message/submit', 'GET /message/outbox/{id}', 'poll', 'sweep'].includes(
      name,
    );
  expect(first.filter(isKnown)).toEqual([
    'GET /message/inbox/{id}',
    'POST /message/submit',
    'GET /message/outbox/{id}',
    'poll',
    'sweep',
  ]);
});
