import type { FailureFacts } from '@mft-bridge/http-transport';

/** Calls whose parameters travel in headers with underscores in their names. */
const underscoreHeaders = /^(transfers|transferFiles)\./;

/** What to do about a refusal that is known to puzzle people. */
export function hint({ operation, status, code }: FailureFacts): string | undefined {
  if (code === 'UPLOAD_FILE_UPLOADER_GROUP_IS_REQUIRED') {
    return 'The uploading user belongs to no uploader group or to several, and this API cannot choose one. Put the user into exactly one, or have an administrator turn on "Allow Users to Upload Files Without Specifying Group Membership".';
  }
  if (status === 413) {
    return 'A proxy or the server refuses bodies of this size. Use a smaller chunkBytes, or raise the limit there (nginx: client_max_body_size).';
  }
  if (/SIZE|QUOTA|LICENSE/.test(code ?? '')) {
    return "A limit on file size, storage or licence was reached; an administrator can raise the first two in the server's settings.";
  }
  if (underscoreHeaders.test(operation) && (status === 400 || status === 401)) {
    return 'If the credentials work for other calls: the parameters of this one travel in headers with underscores in their names, which many reverse proxies drop without a word (nginx needs "underscores_in_headers on").';
  }
  if (operation === 'experimental.accounts.create' && status === 300) {
    return 'This server answers so when it does not know the role; "user" is the one that is documented.';
  }
  if (operation === 'files.list' && status === 403) {
    return 'Older releases keep the type "all" to compliance officers; the type "my" is open to everybody.';
  }
  if (operation === 'files.status' && (status === 401 || status === 403)) {
    return 'This server also answers so when the caller may not see this file.';
  }
  return undefined;
}
