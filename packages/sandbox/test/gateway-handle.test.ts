import { attachment, gatewayFixture, segment } from './gateway-fixture';
import type { GatewayFixture } from './gateway-fixture';
import type { CallEvent } from '../src/index';
import { startAs2GatewaySandbox } from '../src/index';

describe('the handle of the gateway', () => {
  let fixture: GatewayFixture;
  beforeEach(async () => {
    fixture = await gatewayFixture();
  });
  afterEach(() => fixture.gateway.close());

  it('unplugs both listeners, cuts what runs, and comes back on the same ports with all it knew', async () => {
    const { gateway } = fixture;
    await gateway.partner('ACME').send({
      messageId: '<1@a>',
      attachments: [{ name: 'large.bin', generate: { bytes: 500_000_000, seed: 1 } }],
    });
    const { attachments } = await fixture.json('GET', `/message/inbox/${segment('<1@a>')}/attachments`);
    const running = await fetch(attachments[0].url);
    await gateway.unplug();
    expect(gateway.plugged).toBe(false);
    await expect(running.arrayBuffer()).rejects.toThrow();
    await expect(fixture.call('GET', '/message/inbox')).rejects.toThrow('fetch failed');
    await expect(fetch(attachments[0].url)).rejects.toThrow('fetch failed');
    await gateway.partner('ACME').send({ messageId: '<2@a>', attachments: [attachment()] });
    await gateway.plug();
    expect(gateway.plugged).toBe(true);
    expect(await fixture.list('/message/inbox?sortDir=asc')).toEqual(['<1@a>', '<2@a>']);
  });

  it('counts calls by method and template, unknown addresses too', async () => {
    await fixture.call('GET', '/message/inbox');
    await fixture.call('GET', '/message/inbox/a');
    await fixture.call('GET', `/message/inbox/${segment('<b@c>')}`);
    await fixture.call('GET', '/message/outbox/queued');
    await fixture.call('GET', '/message/inbox/');
    expect(fixture.gateway.calls).toEqual({
      'POST /authorize': 1,
      'GET /message/inbox': 1,
      'GET /message/inbox/{id}': 2,
      'GET /message/outbox/queued': 1,
      'GET (unknown)': 1,
    });
  });

  it('tells about a call before the work, and again after it but before the caller knows', async () => {
    const { gateway } = fixture;
    const events: CallEvent[] = [];
    const queued: number[] = [];
    let answered = false;
    const stop = gateway.onCall((event) => {
      events.push(event);
      if (event.phase === 'answered') expect(answered).toBe(false);
      queued.push(gateway.sent.length);
    });
    await gateway.partner('ACME').send({ messageId: '<1@a>', attachments: [attachment()] });
    await fixture.call('GET', `/message/inbox/${segment('<1@a>')}`);
    answered = true;
    stop();
    await fixture.call('GET', '/message/inbox');
    expect(
      events.map(({ operation, phase, params, status }) => ({ operation, phase, params, status })),
    ).toEqual([
      { operation: 'GET /message/inbox/{id}', phase: 'received', params: { id: '<1@a>' }, status: undefined },
      { operation: 'GET /message/inbox/{id}', phase: 'answered', params: { id: '<1@a>' }, status: 200 },
    ]);
  });

  it('remembers all that partners sent', async () => {
    const record = await fixture.gateway
      .partner('ACME')
      .send({ subject: 's', attachments: [attachment('a.txt', Buffer.from('abc'))] });
    expect(record).toEqual({
      messageId: expect.stringMatching(/^<.+@acme\.example>$/),
      at: Date.UTC(2026, 0, 5, 8),
      from: 'ACME',
      to: 'HUB',
      subject: 's',
      attachments: [
        {
          name: 'a.txt',
          size: 3,
          sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
        },
      ],
    });
    expect(fixture.gateway.sent).toEqual([record]);
  });

  it('says what it knows when a partner or a station does not exist', async () => {
    expect(() => fixture.gateway.partner('NOBODY')).toThrow(
      'There is no partner NOBODY: this gateway has ACME, GLOBEX, WAREHOUSE.',
    );
    await expect(fixture.gateway.partner('ACME').send({ to: 'NOWHERE', attachments: [] })).rejects.toThrow(
      'There is no station NOWHERE',
    );
  });

  it('takes no port that is in use, and leaves none open then', async () => {
    const port = Number(new URL(fixture.gateway.url).port);
    await expect(startAs2GatewaySandbox({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
