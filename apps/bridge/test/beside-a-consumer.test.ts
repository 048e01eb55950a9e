/** Mode observe beside somebody else's program, then the cut-over: what the gateway saw is the witness. */
import { readFile, writeFile } from 'node:fs/promises';
import { As2GatewayClient } from '@mft-bridge/as2-gateway-client';
import { messageState } from '../src/domain/message';
import type { FaultRig } from './rig/fault-rig';
import { openFaultRig } from './rig/fault-rig';
import { purchaseOrder } from './rig/partner-samples';
import { until } from './rig/until';

jest.setTimeout(180_000);

let rig: FaultRig;
let consumer: As2GatewayClient;
beforeEach(async () => {
  rig = await openFaultRig({ changes: { intake: { pollInterval: '100ms', sweepInterval: '200ms' } } });
  const { tokenId, tokenSecret } = rig.gateway.credentials;
  consumer = new As2GatewayClient({
    baseUrl: rig.gateway.url,
    auth: { tokenId, tokenSecret },
    limit: false,
  });
});
afterEach(async () => {
  await consumer.close();
  await rig.close();
});

async function setMode(mode: 'observe' | 'enforce'): Promise<void> {
  const { file } = rig.config;
  const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, JSON.stringify({ ...config, mode }));
}

const send = (messageId: string): Promise<unknown> =>
  rig.gateway.partner('ACME').send({ messageId, subject: messageId, attachments: [purchaseOrder(1)] });

async function states(): Promise<Record<string, string>> {
  const entries = (await rig.messages()).map(
    (message) => [message.gatewayId, messageState(message)] as const,
  );
  return Object.fromEntries(entries.sort());
}

const untilStates = (wanted: Record<string, string>): Promise<unknown> =>
  until(
    'all are where they should be',
    async () => (JSON.stringify(await states()) === JSON.stringify(wanted) ? true : undefined),
    { facts: states, withinMs: 30_000 },
  );

test('observed without a trace; then taken for real where it still stands unread, and only there', async () => {
  const marks = rig.gatewayProxy.play({ call: /markAsRead=true|markUnread/ });
  await setMode('observe');
  const observing = await rig.start();
  await send('<had-by-the-other@acme>');
  await consumer.inbox.markRead('<had-by-the-other@acme>');
  await send('<waits@acme>');
  await untilStates({ '<had-by-the-other@acme>': 'observed', '<waits@acme>': 'observed' });
  await observing.stop(5_000);
  expect(marks.hits).toBe(0);
  expect(rig.gateway.partner('WAREHOUSE').received).toEqual([]);
  expect(await rig.unread()).toEqual(['<waits@acme>']);

  await setMode('enforce');
  await rig.start();
  await send('<new@acme>');
  await untilStates({
    '<had-by-the-other@acme>': 'observed',
    '<new@acme>': 'forwarded',
    '<waits@acme>': 'forwarded',
  });
  await until('all is marked', async () => ((await rig.unread()).length === 0 ? true : undefined));
  expect(
    rig.gateway
      .partner('WAREHOUSE')
      .received.map(({ subject }) => subject)
      .sort(),
  ).toEqual(['<new@acme>', '<waits@acme>']);
});

test('after the cut-over the other program still runs: what it reads first is held, and goes out once at most', async () => {
  await rig.start();
  await send('<taken-away@acme>');
  // Before the poll or after it: the one who was first has it.
  await consumer.inbox.markRead('<taken-away@acme>');
  const [state] = await until(
    'it is settled',
    async () => {
      const found = Object.values(await states());
      return found.length === 1 && ['held', 'forwarded'].includes(found[0] ?? '') ? found : undefined;
    },
    { facts: states },
  );
  expect(rig.gateway.partner('WAREHOUSE').received).toHaveLength(state === 'forwarded' ? 1 : 0);
});
