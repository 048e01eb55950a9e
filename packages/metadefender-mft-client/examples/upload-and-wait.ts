// Uploads one file, waits for its verdict and fetches the bytes that were cleared.
//
//   MDMFT_URL=https://mft.example.com:8010 MDMFT_API_KEY=… npx tsx upload-and-wait.ts invoice.pdf clean.pdf
import { MetaDefenderClient } from '@mft-bridge/metadefender-mft-client';

const { MDMFT_URL: baseUrl = '', MDMFT_API_KEY: apiKey = '' } = process.env;
const [, , source = '', target = ''] = process.argv;

const md = new MetaDefenderClient({ baseUrl, auth: { apiKey } });
try {
  const verdict = await md.scanFile(source, {
    timeoutMs: 15 * 60_000,
    expiresAfterMs: 24 * 3_600_000,
    onProgress: ({ sent, total }) => process.stderr.write(`\r${sent} of ${total} bytes`),
  });
  if (verdict.status === 'cleared') {
    // Not the bytes that were uploaded, but those that the verdict is about: Deep CDR may have rebuilt the file.
    const { size, sha256 } = await md.files.downloadCleared(verdict, target);
    console.log(
      `cleared${verdict.sanitized ? ' after sanitization' : ''}: ${target}, ${size} bytes, SHA-256 ${sha256}`,
    );
  } else {
    console.log(
      `${verdict.status}: ${verdict.reasons.map(({ code, text }) => `${code} (${text})`).join(', ')}`,
    );
    process.exitCode = 2;
  }
} finally {
  await md.close();
}
