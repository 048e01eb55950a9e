import { checkOptionNames } from '@mft-bridge/http-transport';
import type { OptionNames } from '@mft-bridge/http-transport';
import type { Files } from '../resources/files';
import type { Uploads } from '../resources/uploads';
import { uploadOptionNames } from '../upload/option-names';
import type { UploadFileOptions, UploadResult } from '../upload/upload-options';
import type { UploadSource } from '../upload/upload-source';
import { checkWaitOptions } from '../verdict/check-wait-options';
import { waitOptionNames } from '../verdict/wait-option-names';
import type { Verdict } from '../verdict/verdict';
import type { WaitOptions } from '../verdict/wait-options';

/** Those of the upload and those of the wait; `timeoutMs` begins when the upload is done. */
export type ScanOptions = UploadFileOptions & Omit<WaitOptions, 'expected'>;

/** A verdict on a file that was just uploaded. */
export interface ScanResult extends Verdict {
  /** ids, SHA-256 and size of what was sent */
  readonly upload: UploadResult;
}

const names: OptionNames<ScanOptions> = { ...uploadOptionNames.one, ...waitOptionNames.shared };

/** See `MetaDefenderClient.scanFile`. */
export async function scanFile(
  source: UploadSource,
  options: ScanOptions,
  { uploads, files }: { readonly uploads: Uploads; readonly files: Files },
): Promise<ScanResult> {
  // Now, and not when hours of uploading are over.
  checkOptionNames('scanFile', options, names);
  checkWaitOptions(options, 'files.waitForVerdict');
  const { timeoutMs, minIntervalMs, maxIntervalMs, onVerdict, ...uploading } = options;
  const { signal } = uploading;
  const upload = await uploads.uploadFile(source, uploading);
  const expected = { size: upload.size };
  const waiting = { timeoutMs, minIntervalMs, maxIntervalMs, onVerdict, signal, expected };
  const verdict = await files.waitForVerdict(upload.fileId, waiting);
  return { ...verdict, upload };
}
