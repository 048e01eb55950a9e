// Uploads a large file so that a crash costs no more than the chunks under way: run it again, and it goes on where it stopped.
//
//   MDMFT_URL=https://mft.example.com:8010 MDMFT_API_KEY=… npx tsx resume-after-crash.ts backup.tar backup.tar.upload
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { UploadCheckpoint } from '@mft-bridge/metadefender-mft-client';
import { MetaDefenderClient, parseCheckpoint } from '@mft-bridge/metadefender-mft-client';

const { MDMFT_URL: baseUrl = '', MDMFT_API_KEY: apiKey = '', CHUNK_BYTES } = process.env;
const [, , source = '', notes = ''] = process.argv;

/** The checkpoint of a run that did not end, if there is one. */
async function lastCheckpoint(): Promise<UploadCheckpoint | undefined> {
  const text = await readFile(notes, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : parseCheckpoint(JSON.parse(text));
}

const md = new MetaDefenderClient({ baseUrl, auth: { apiKey } });
try {
  const resume = await lastCheckpoint();
  console.log(resume === undefined ? 'begins' : 'goes on');
  const { fileId, sha256 } = await md.uploads.uploadFile(source, {
    resume,
    chunkBytes: CHUNK_BYTES === undefined ? undefined : Number(CHUNK_BYTES),
    // Renamed into place: a crash in the middle of this leaves the old checkpoint, never half of a new one.
    onCheckpoint: async (checkpoint) => {
      await writeFile(`${notes}.new`, JSON.stringify(checkpoint), { mode: 0o600 });
      await rename(`${notes}.new`, notes);
    },
  });
  await rm(notes, { force: true });
  console.log(`uploaded: ${fileId}, SHA-256 ${sha256}`);
} finally {
  await md.close();
}
