/**
 * Sends a file and waits for the partner's receipt. Ends with 0 only when the partner says that it has the file.
 * A lost answer is no reason to send again: the message is looked for first.
 *
 *     AS2_GATEWAY_URL=… AS2_TOKEN_ID=… AS2_TOKEN_SECRET=… npx tsx examples/send.ts HUB ACME invoice.xml
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { As2GatewayClient, isMftBridgeError } from '@mft-bridge/as2-gateway-client';

const {
  AS2_GATEWAY_URL: baseUrl,
  AS2_TOKEN_ID: tokenId = '',
  AS2_TOKEN_SECRET: tokenSecret = '',
} = process.env;
const [from = '', to = '', file = ''] = process.argv.slice(2);

const gateway = new As2GatewayClient({ baseUrl, auth: { tokenId, tokenSecret } });

async function send(): Promise<string> {
  const name = basename(file);
  const { size } = await stat(file);
  const since = Date.now() - 120_000; // clocks differ
  try {
    const content = () => createReadStream(file);
    const sent = await gateway.messages.send({
      from,
      to,
      subject: name,
      attachments: [{ name, content, size }],
    });
    return sent.id;
  } catch (error) {
    if (!isMftBridgeError(error) || error.outcome !== 'unknown') throw error;
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    await sleep(15_000); // a message shows itself some seconds after its submit
    const sha256 = [hash.digest('hex')];
    const { found } = await gateway.outbox.findSubmission({
      from,
      to,
      attachmentNames: [name],
      sha256,
      since,
    });
    const [only, ...others] = found;
    if (only && others.length === 0) return only.id;
    throw error; // not found, or found twice: for a person to decide
  }
}

try {
  const id = await send();
  console.log(`queued as ${id}`);
  const delivery = await gateway.outbox.waitForDelivery(id, { timeoutMs: 600_000 });
  console.log(`${delivery.state}: ${delivery.disposition?.text ?? 'no receipt'}`);
  process.exitCode = delivery.good ? 0 : 1;
} finally {
  await gateway.close();
}
