import { createHash, randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import type { CallOptions, Download } from '@mft-bridge/http-transport';
import { NotClearedError } from '../errors/not-cleared-error';
import type { FileStatus } from '../schemas/file-status';
import { assertCleared } from '../verdict/assert-cleared';
import { evaluateVerdict } from '../verdict/evaluate-verdict';
import { sameVerdict } from '../verdict/same-verdict';
import type { ClearedVerdict, Verdict } from '../verdict/verdict';

/** A file that was written. */
export interface DownloadedFile {
  /** where it is */
  readonly path: string;
  /** bytes */
  readonly size: number;
  /** lower-case hex */
  readonly sha256: string;
}

export interface DownloadNeeds {
  readonly status: (fileId: string, options?: CallOptions) => Promise<FileStatus>;
  readonly download: (fileId: string, options?: CallOptions) => Promise<Download>;
}

/** See `Files.downloadCleared`. */
export async function downloadCleared(
  verdict: Verdict,
  path: string,
  options: CallOptions,
  needs: DownloadNeeds,
): Promise<DownloadedFile> {
  assertCleared(verdict);
  await confirm(verdict, options, needs);
  const draft = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    const written = await write(draft, verdict, options, needs);
    await confirm(verdict, options, needs);
    await rename(draft, path);
    return { path, ...written };
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** A verdict is a picture of one moment: a rescan or a person may have changed the file since. */
async function confirm(verdict: ClearedVerdict, options: CallOptions, needs: DownloadNeeds): Promise<void> {
  const now = evaluateVerdict(await needs.status(verdict.fileId, options));
  assertCleared(now);
  if (!sameVerdict(verdict, now))
    throw new NotClearedError(now, 'The file is not any more what the verdict was about.');
}

async function write(draft: string, verdict: ClearedVerdict, options: CallOptions, needs: DownloadNeeds) {
  const { body } = await needs.download(verdict.fileId, options);
  const hash = createHash('sha256');
  let size = 0;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      for await (const piece of body as AsyncIterable<Buffer>) {
        hash.update(piece);
        size += piece.length;
        await file.writeFile(piece);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    body.destroy();
  }
  if (verdict.size !== undefined && verdict.size !== size) {
    throw new NotClearedError(
      verdict,
      `The server sent ${String(size)} bytes; the verdict is about ${String(verdict.size)}.`,
    );
  }
  return { size, sha256: hash.digest('hex') };
}
