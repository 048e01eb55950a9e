/**
 * Listens for webhooks, and drains the inbox when one comes. Webhooks are best effort and get lost: the inbox is also
 * drained on a timer, and the webhook only saves the waiting. Behind Express: `app.post('/hooks/:secret', hook)`.
 *
 *     AS2_GATEWAY_URL=… AS2_TOKEN_ID=… AS2_TOKEN_SECRET=… WEBHOOK_SECRET=… npx tsx examples/webhook-server.ts 8080
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { As2GatewayClient, createWebhookHandler } from '@mft-bridge/as2-gateway-client';

const {
  AS2_GATEWAY_URL: baseUrl,
  AS2_TOKEN_ID: tokenId = '',
  AS2_TOKEN_SECRET: tokenSecret = '',
} = process.env;
// Two while it is rotated, separated by a comma.
const secrets = (process.env['WEBHOOK_SECRET'] ?? '').split(',');

const gateway = new As2GatewayClient({ baseUrl, auth: { tokenId, tokenSecret } });
let draining: Promise<void> | undefined;

async function drain(): Promise<void> {
  for await (const message of gateway.inbox.drain()) {
    console.log(`taken ${message.id} from ${message.partner}`);
    await message.acknowledge();
  }
}

// One drain at a time: two would serve the same messages.
function drainOnce(): Promise<void> {
  draining ??= drain().finally(() => (draining = undefined));
  return draining;
}

const hook = createWebhookHandler({
  secrets,
  gateway,
  onEvent: ({ event }) => (event.type === 'received' ? drainOnce() : undefined),
  onDropped: (event, why) => console.warn(`dropped a webhook (${event.type}): ${why}`),
});

const server = createServer(hook).listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  console.log(`listening on ${String((server.address() as AddressInfo).port)}`);
});
const timer = setInterval(() => void drainOnce().catch(console.error), 60_000);

process.once('SIGTERM', () => {
  clearInterval(timer);
  server.close();
  void hook.close().then(() => gateway.close());
});
