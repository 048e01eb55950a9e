/**
 * Lists certificates by their expiry, and ends with 2 when one ends within thirty days.
 *
 *     AS2_GATEWAY_URL=… AS2_TOKEN_ID=… AS2_TOKEN_SECRET=… npx tsx examples/certificates.ts
 */
import { As2GatewayClient } from '@mft-bridge/as2-gateway-client';

const {
  AS2_GATEWAY_URL: baseUrl,
  AS2_TOKEN_ID: tokenId = '',
  AS2_TOKEN_SECRET: tokenSecret = '',
} = process.env;
const DAY_MS = 86_400_000;

const gateway = new As2GatewayClient({ baseUrl, auth: { tokenId, tokenSecret } });
try {
  const rows = [];
  for await (const { alias, type, subject, expiry } of gateway.certificates.all()) {
    const days = expiry && Math.floor((expiry.getTime() - Date.now()) / DAY_MS);
    rows.push({ alias, type, name: subject.commonName, days });
  }
  rows.sort((left, right) => (left.days ?? Infinity) - (right.days ?? Infinity));
  for (const { alias, type, name, days } of rows) {
    console.log(`${String(days ?? 'unknown').padStart(7)} days  ${type ?? ''}  ${alias}  ${name ?? ''}`);
  }
  // One whose expiry cannot be read is looked at by a person, too.
  if (rows.some(({ days }) => days === undefined || days < 30)) process.exitCode = 2;
} finally {
  await gateway.close();
}
