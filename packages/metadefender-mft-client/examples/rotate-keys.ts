// Replaces an API key: makes a new one, proves that it works, stores it, and only then revokes the old one. Run it as an administrator.
//
//   MDMFT_URL=https://mft.example.com:8010 npx tsx rotate-keys.ts key.txt
import { readFile, rename, writeFile } from 'node:fs/promises';
import { MetaDefenderClient } from '@mft-bridge/metadefender-mft-client';

const { MDMFT_URL: baseUrl = '' } = process.env;
const [, , keyFile = ''] = process.argv;
const DAY = 86_400_000;

const oldKey = (await readFile(keyFile, 'utf8')).trim();
const old = new MetaDefenderClient({ baseUrl, auth: { apiKey: oldKey } });
try {
  const { key, expiresAt } = await old.apiKeys.create({
    expires: Date.now() + 90 * DAY,
    description: 'rotated',
  });
  const fresh = new MetaDefenderClient({ baseUrl, auth: { apiKey: key } });
  try {
    await fresh.version();
    // From here on a crash leaves two good keys, never none.
    await writeFile(`${keyFile}.new`, `${key}\n`, { mode: 0o600 });
    await rename(`${keyFile}.new`, keyFile);
    await fresh.apiKeys.revoke({ key: oldKey });
    console.log(
      `rotated; the new key ends ${expiresAt === undefined ? 'some time' : new Date(expiresAt).toISOString()}`,
    );
  } finally {
    await fresh.close();
  }
} finally {
  await old.close();
}
