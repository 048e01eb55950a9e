import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { Attachment } from '../domain/message';
import type { PipelineContext } from './context';

export interface SanitizedCopy {
  readonly custodyKey: string;
  readonly size: number;
  readonly sha256: string;
}

/** Takes the sanitized bytes into custody under their own hash. The caller compares the verdicts around it. */
export async function downloadSanitized(
  { scanner, custody }: Pick<PipelineContext, 'scanner' | 'custody'>,
  attachment: Attachment,
  fileId: string,
  signal: AbortSignal,
): Promise<SanitizedCopy> {
  const download = await scanner.files.download(fileId, { signal });
  try {
    const { key, size, sha256 } = await custody.deposit(download.body, { name: attachment.name, signal });
    return { custodyKey: key, size, sha256 };
  } finally {
    download.body.destroy();
  }
}

/** Reads the file back from the scanner and hashes it, for evidence of grade `read-back`. */
export async function hashAtScanner(
  { scanner }: Pick<PipelineContext, 'scanner'>,
  fileId: string,
  signal: AbortSignal,
): Promise<string> {
  const download = await scanner.files.download(fileId, { signal });
  const hash = createHash('sha256');
  await pipeline(download.body, hash, { signal });
  return hash.digest('hex');
}
