// Lets a build go on only if every one of its artifacts was cleared. All go up in one group and are awaited within one budget of requests.
//
//   MDMFT_URL=https://mft.example.com:8010 MDMFT_API_KEY=… npx tsx gate-ci-artifact.ts dist/*.tgz
//
// Exit status: 0 all cleared, 2 something was blocked, 3 something needs a person or more time, 1 the question could not be asked.
import { basename } from 'node:path';
import { asciiFileName, MetaDefenderClient } from '@mft-bridge/metadefender-mft-client';

const { MDMFT_URL: baseUrl = '', MDMFT_API_KEY: apiKey = '' } = process.env;
const paths = process.argv.slice(2);

const md = new MetaDefenderClient({ baseUrl, auth: { apiKey } });
try {
  const { files } = await md.uploads.uploadFiles(
    paths.map((path) => ({ source: path, fileName: asciiFileName(basename(path)) })),
    { expiresAfterMs: 3_600_000 },
  );
  const { verdicts, failed } = await md.files.waitForVerdicts(
    files.map(({ fileId, fileName, size }) => ({ fileId, expected: { name: fileName, size } })),
    { perSecond: 5, timeoutMs: 10 * 60_000 },
  );
  for (const { fileId, fileName } of files) {
    const verdict = verdicts.get(fileId);
    const reasons = verdict?.reasons.map(({ text }) => text).join(' ') ?? String(failed.get(fileId));
    console.log(`${verdict?.status ?? 'unknown'}\t${fileName}\t${reasons}`);
  }
  const states = new Set([...verdicts.values()].map(({ status }) => status));
  // What is not known to be good is not good: an answer that is missing counts as much as one that says no.
  if (failed.size > 0) process.exitCode = 1;
  else if (states.has('blocked')) process.exitCode = 2;
  else if (states.has('held') || states.has('pending')) process.exitCode = 3;
} finally {
  await md.close();
}
