/** The gateway's webhook: it saves waiting, and nothing depends on it. */
import type { FaultRig } from './rig/fault-rig';
import { openFaultRig } from './rig/fault-rig';
import { purchaseOrder } from './rig/partner-samples';
import type { RunningBridge } from './rig/run-bridge';
import { until } from './rig/until';

jest.setTimeout(180_000);

let rig: FaultRig;
let bridge: RunningBridge;
let webhook: string;
beforeEach(async () => {
  rig = await openFaultRig({
    changes: {
      intake: { pollInterval: '1h' },
      web: { public: { host: '127.0.0.1', port: 0, secrets: [{ env: 'RIG_WEBHOOK_SECRET' }] } },
    },
  });
  bridge = await rig.start();
  const listening = await until('the webhook is listened for', () =>
    bridge.lines
      .map((line) => JSON.parse(line) as { msg: string; port?: number })
      .find(({ msg }) => msg.startsWith('the webhook')),
  );
  webhook = `http://127.0.0.1:${String(listening.port)}/hooks/${rig.config.env['RIG_WEBHOOK_SECRET'] ?? ''}`;
  await until('the first round', () => (lists() > 1 ? true : undefined));
});
afterEach(() => rig.close());

const lists = (): number => rig.gateway.calls['GET /message/inbox'] ?? 0;
const send = (messageId: string): Promise<unknown> =>
  rig.gateway.partner('ACME').send({ messageId, subject: 'Order', attachments: [purchaseOrder(1)] });

test('a message is taken long before the next poll, also where its webhook comes twice or behind the next one', async () => {
  rig.gateway.webhooks.setTarget({ url: webhook });
  rig.gateway.webhooks.script.add({ messageId: '<1@acme>', copies: 2 });
  rig.gateway.webhooks.script.add({ messageId: '<2@acme>', behindNext: true });
  for (const id of ['<1@acme>', '<2@acme>', '<3@acme>']) await send(id);
  await rig.gateway.webhooks.flush();
  await rig.done(3);
  expect(rig.gateway.webhooks.sent.map(({ status }) => status)).toContain(202);
  expect(rig.gateway.partner('WAREHOUSE').received).toHaveLength(3);
});

test('a flood of webhooks costs the gateway a poll or two', async () => {
  const before = lists();
  const body = JSON.stringify({
    eventType: 'MESSAGE.RECEIVED.SUCCESS',
    messageIdentifier: '<made-up@nowhere>',
    stationIdentifier: 'HUB',
  });
  const began = Date.now();
  for (let count = 0; count < 20; count += 1) {
    const answers = await Promise.all(
      Array.from({ length: 25 }, () => fetch(webhook, { method: 'POST', body })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  }
  const seconds = (Date.now() - began) / 1_000;
  expect(lists() - before).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
  // Nothing of it is believed.
  expect(await rig.messages()).toEqual([]);
  expect(await rig.intakeFailures()).toEqual([]);
});

test('the secret stands in no line of the log', async () => {
  await fetch(webhook, { method: 'POST', body: 'no JSON' });
  await fetch(`${webhook}/other`);
  expect(bridge.lines.join('\n')).not.toContain('canary');
});
