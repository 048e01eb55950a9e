import type { As2GatewaySandboxOptions, Outcome } from '../src/index';
import { gatewayFixture, segment } from './gateway-fixture';
import type { GatewayFixture, Json } from './gateway-fixture';

describe('the way of a submitted message (reference, sections 5 and 7)', () => {
  let fixture: GatewayFixture;
  let id: string;
  afterEach(() => fixture.gateway.close());

  async function submitted(options: As2GatewaySandboxOptions = {}): Promise<void> {
    fixture = await gatewayFixture({ sendDelayMs: 2_000, outboxHiddenMs: 500, ...options });
    const answer = await fixture.json('POST', '/message/submit', {
      body: 'ISA',
      headers: { 'AS2-From': 'HUB', 'AS2-To': 'WAREHOUSE', Subject: 'PO 1' },
    });
    id = answer.messageIdentifier;
  }
  const get = () => fixture.call('GET', `/message/outbox/${segment(id)}`);
  const boxes = async () =>
    Object.fromEntries(
      await Promise.all(
        ['', '/queued', '/failed', '/incomplete'].map(async (box) => [
          box,
          await fixture.list(`/message/outbox${box}`),
        ]),
      ),
    );

  it('stands in queued while its own address answers 404, then is served as queued, then as sent', async () => {
    await submitted();
    expect((await get()).status).toBe(404);
    expect(await boxes()).toEqual({ '': [], '/queued': [id], '/failed': [], '/incomplete': [] });
    fixture.pass(500);
    expect(await (await get()).json()).toMatchObject({
      identifier: id,
      msgStatus: 'Queued',
      incoming: false,
    });
    fixture.pass(1_500);
    expect(await boxes()).toEqual({ '': [id], '/queued': [], '/failed': [], '/incomplete': [] });
  });

  it('is sent with a good signed MDN', async () => {
    await submitted();
    fixture.pass(2_000);
    const message = await (await get()).json();
    expect(message).toMatchObject({
      msgStatus: 'Sent',
      mdnStatus: 'Received; MDN Signature Verified',
      senderIdentifier: 'HUB',
      receiverIdentifier: 'WAREHOUSE',
      subject: 'PO 1',
      transportStatusReceived: 200,
      micMatches: true,
      mdnMessage: { incoming: true, signed: true, disposition: expect.stringMatching(/processed$/) },
    });
    // as in the vendor's own outbound example
    expect(message).not.toHaveProperty('failures');
    expect(message).not.toHaveProperty('userAgent');
  });

  it.each<[string, Outcome, number]>([
    [
      '',
      {
        box: 'sent',
        disposition: 'automatic-action/MDN-sent-automatically; processed/error: decryption-failed',
      },
      0,
    ],
    [
      '',
      {
        box: 'sent',
        disposition: 'automatic-action/MDN-sent-automatically; processed/warning: duplicate-document',
      },
      1,
    ],
    ['/failed', { box: 'failed' }, 0],
    ['/incomplete', { box: 'incomplete' }, 1],
    ['/failed', { box: 'failed', delivered: true }, 1],
  ])('ends in the box %j on the outcome %j', async (box, outcome, received) => {
    await submitted({ outcomeOf: () => outcome });
    fixture.pass(2_000);
    expect((await boxes())[box]).toEqual([id]);
    expect(fixture.gateway.partner('WAREHOUSE').received).toHaveLength(received);
    const message: Json = await (await get()).json();
    expect(message.mdnMessage?.disposition).toBe(outcome.disposition);
  });

  it('filters its boxes like the inbox', async () => {
    await submitted();
    expect(await fixture.list('/message/outbox/queued?subject=PO%201')).toEqual([id]);
    expect(await fixture.list('/message/outbox/queued?subject=other')).toEqual([]);
    expect(await fixture.list('/message/outbox/queued?subject=other&partnerIdentifier=WAREHOUSE')).toEqual([
      id,
    ]);
    expect(await fixture.list('/message/outbox/queued?partnerIdentifier=ACME')).toEqual([]);
  });

  it('forgets a message that is deleted while queued, and never sends it', async () => {
    await submitted();
    expect(await fixture.json('DELETE', `/message/outbox/${segment(id)}`)).toEqual({ deleted: id });
    fixture.pass(5_000);
    expect(fixture.gateway.partner('WAREHOUSE').received).toEqual([]);
    expect(fixture.gateway.received).toEqual([]);
  });
});
