/**
 * Creates a partner with today's algorithms, and says field by field what the service does not like.
 *
 *     AS2_GATEWAY_URL=… AS2_TOKEN_ID=… AS2_TOKEN_SECRET=… \
 *       npx tsx examples/add-partner.ts ACME https://as2.acme.example/ acme.pem
 */
import { readFile } from 'node:fs/promises';
import { As2GatewayClient, fieldErrors, isUnprocessableError } from '@mft-bridge/as2-gateway-client';

const {
  AS2_GATEWAY_URL: baseUrl,
  AS2_TOKEN_ID: tokenId = '',
  AS2_TOKEN_SECRET: tokenSecret = '',
} = process.env;
const [identifier = '', url = '', file = ''] = process.argv.slice(2);

const gateway = new As2GatewayClient({ baseUrl, auth: { tokenId, tokenSecret } });
try {
  await gateway.partners.create({
    identifier,
    name: identifier,
    url,
    encryptionCertificate: await readFile(file),
    // The service's own defaults are triple DES and SHA-1.
    encryptionAlgorithm: 'AES256_CBC',
    signatureAlgorithm: 'SHA256',
  });
  console.log(`${identifier} was created`);
} catch (error) {
  if (!isUnprocessableError(error)) throw error;
  for (const [field, reason] of fieldErrors(error)) console.error(`${field}: ${reason}`);
  process.exitCode = 1;
} finally {
  await gateway.close();
}
