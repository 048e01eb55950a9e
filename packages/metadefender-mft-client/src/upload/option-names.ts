import type { OptionNames } from '@mft-bridge/http-transport';
import type {
  FileOptions,
  FileToUpload,
  GroupOptions,
  UploadFileOptions,
  UploadFilesOptions,
} from './upload-options';

const file: OptionNames<FileOptions> = {
  fileName: true,
  size: true,
  folder: true,
  onProgress: true,
  onFileOpened: true,
  beforeClose: true,
};

const group: OptionNames<GroupOptions> = {
  groupId: true,
  method: true,
  chunkBytes: true,
  parallel: true,
  md5: true,
  expiresAfterMs: true,
  shareWith: true,
  impersonateAs: true,
  recipients: true,
  sendAs: true,
  abortOnFailure: true,
  onCheckpoint: true,
  resume: true,
  onAbandoned: true,
  signal: true,
};

const many: OptionNames<UploadFilesOptions> = { ...group, parallelFiles: true };
const one: OptionNames<UploadFileOptions> = { ...file, ...group };
const listed: OptionNames<FileToUpload> = { ...file, source: true };

/** The options that uploads have, by what they are said of. */
export const uploadOptionNames = { one, many, listed };
