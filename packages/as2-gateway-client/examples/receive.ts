/**
 * Takes every unread message into a folder, each attachment under a name of our own, and acknowledges a message only
 * when all of it is on the disk. Run again after a crash, it takes what was not acknowledged once more.
 *
 *     AS2_GATEWAY_URL=… AS2_TOKEN_ID=… AS2_TOKEN_SECRET=… npx tsx examples/receive.ts HUB ./inbox
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { As2GatewayClient } from '@mft-bridge/as2-gateway-client';

const {
  AS2_GATEWAY_URL: baseUrl,
  AS2_TOKEN_ID: tokenId = '',
  AS2_TOKEN_SECRET: tokenSecret = '',
} = process.env;
const [station = 'HUB', folder = 'inbox'] = process.argv.slice(2);

const gateway = new As2GatewayClient({ baseUrl, auth: { tokenId, tokenSecret } });
try {
  for await (const message of gateway.inbox.drain({ station })) {
    // Ids and names are chosen by partners: neither is ever a path.
    const directory = join(folder, createHash('sha256').update(message.id).digest('hex').slice(0, 16));
    await mkdir(directory, { recursive: true });
    for (const attachment of message.attachments) {
      const file = join(directory, `attachment-${String(attachment.position)}`);
      await pipeline(await attachment.open(), createWriteStream(file, { flush: true }));
    }
    const { id, partner, subject, attachments } = message;
    const names = attachments.map(({ name }) => name);
    await writeFile(join(directory, 'message.json'), JSON.stringify({ id, partner, subject, names }), {
      flush: true,
    });
    await message.acknowledge();
    console.log(`${id} from ${partner}: ${names.join(', ')}`);
  }
} finally {
  await gateway.close();
}
