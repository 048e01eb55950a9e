import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gatewayFixture, segment } from './gateway-fixture';
import type { GatewayFixture, Json } from './gateway-fixture';

const LONG = 3_000_000;

describe('a moved clock does what became due, in the order of its times', () => {
  let fixture: GatewayFixture;
  beforeEach(async () => {
    fixture = await gatewayFixture({ sendDelayMs: 1_000, outboxHiddenMs: 0 });
  });
  afterEach(() => fixture.gateway.close());

  async function submit(subject: string): Promise<string> {
    const answer = await fixture.json('POST', '/message/submit', {
      headers: { 'AS2-From': 'HUB', 'AS2-To': 'ACME', Subject: subject },
      body: subject,
    });
    return answer.messageIdentifier;
  }

  it('tries of one message and of another one interleave, and so do arrivals', async () => {
    const { outcomes } = fixture.gateway;
    outcomes.add({ subject: 'slow', outcome: { box: 'sent', failedTries: 2, retryMs: 10_000 } });
    await submit('slow 1');
    fixture.pass(15_000);
    await submit('quick');
    // Due now: slow 1 at 1 s, 11 s and 21 s; quick at 16 s.
    fixture.pass(LONG);
    const subjects = fixture.gateway.received.map(({ subject }) => subject);
    expect(subjects).toEqual(['quick', 'slow 1']);
    const times = fixture.gateway.received.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('an outcome for one send only goes to the earlier try, not to the message that was looked at first', async () => {
    const { outcomes } = fixture.gateway;
    // The first message is asked again after a minute; by then the second one was sent.
    const later = outcomes.add({ subject: 'first', times: 1, outcome: { box: 'queued', retryMs: 60_000 } });
    outcomes.add({ times: 1, outcome: { box: 'failed' } });
    const [first, second] = [await submit('first'), await submit('second')];
    fixture.pass(LONG);
    expect(await fixture.list('/message/outbox/failed')).toEqual([second]);
    expect(await fixture.list('/message/outbox')).toEqual([first]);
    expect(later.hits).toBe(1);
  });

  it('webhooks that became due together leave oldest first, a bounded number at a time', async () => {
    const got: Json[] = [];
    let open = 0;
    let most = 0;
    const receiver = createServer((request, response) => {
      open += 1;
      most = Math.max(most, open);
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        got.push(JSON.parse(Buffer.concat(parts).toString()));
        setImmediate(() => {
          open -= 1;
          response.end();
        });
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { gateway } = fixture;
    gateway.webhooks.setTarget({
      url: `http://127.0.0.1:${String((receiver.address() as AddressInfo).port)}`,
    });
    gateway.webhooks.script.add({ delayMs: LONG });
    for (let number = 0; number < 300; number += 1) {
      await gateway.partner('ACME').send({ messageId: `<${String(number)}@acme>`, attachments: [] });
      fixture.pass(10);
    }
    expect(got).toEqual([]);
    fixture.pass(LONG);
    await gateway.webhooks.flush();
    const sent = gateway.webhooks.sent;
    expect(sent.filter(({ lost }) => lost !== undefined)).toEqual([]);
    expect(new Set(got.map((body) => body.messageIdentifier)).size).toBe(300);
    expect(got).toHaveLength(300);
    expect(most).toBeLessThanOrEqual(64);
    // In parallel, as there: yet none comes before more of its elders than are under way together.
    const places = got.map((body) => Number(/\d+/.exec(body.messageIdentifier as string)?.[0]));
    places.forEach((number, place) => expect(number - place).toBeLessThan(64));
    receiver.closeAllConnections();
    receiver.close();
  });

  it('a retry of a message that was deleted meanwhile never happens', async () => {
    fixture.gateway.outcomes.add({ outcome: { box: 'sent', failedTries: 1, retryMs: 10_000 } });
    const id = await submit('x');
    fixture.pass(1_000);
    expect(await fixture.list('/message/outbox/failed')).toEqual([id]);
    expect((await fixture.call('DELETE', `/message/outbox/${segment(id)}`)).status).toBe(200);
    fixture.pass(60_000);
    expect(fixture.gateway.received).toEqual([]);
  });
});
