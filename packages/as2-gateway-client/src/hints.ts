/** What a hint may look at. */
interface Failure {
  readonly operation: string;
  readonly status: number;
}

/** What to do about an error of this service, in one or two sentences. Undefined where the status says it all. */
export function hintFor({ operation, status }: Failure): string | undefined {
  if (operation === 'messages.send') return hintForSend(status);
  if (operation === 'auth.authorize' && [400, 401, 422].includes(status)) {
    return (
      'Check the credentials, that multi-factor authentication is off for this user, and that the token was not ' +
      'revoked. If an API token is right beyond doubt: the names of its two fields are not confirmed by the vendor; ' +
      'auth.body can build another body.'
    );
  }
  if (operation.endsWith('.openAttachment') || operation.endsWith('.openMdn')) {
    return (
      'A new address was asked for once. The service deletes files after about 35 days and may be set to delete ' +
      'them right after a good MDN; the record of the message stays.'
    );
  }
  if (operation.endsWith('.attachments') && status === 404) {
    return 'The message does not exist, or its files were deleted (the service keeps them for about 35 days).';
  }
  return undefined;
}

function hintForSend(status: number): string | undefined {
  if (status === 413) {
    return (
      'The message is larger than a REST submit takes (advised: below 3 MB). Larger files go by S3 or SFTP into the ' +
      'folder AS2/send/<station>/<partner>/ of your bucket; that way gives no message id back.'
    );
  }
  if (status === 422) {
    return 'Check that `from` is the AS2 identifier of a station and `to` that of a partner, exactly as in the console.';
  }
  if (status >= 500) {
    return (
      'The message may have been queued all the same. Look for it with outbox.findSubmission before you send it ' +
      'again. Above 3 MB a REST submit is likely to fail; S3 and SFTP take larger files.'
    );
  }
  return undefined;
}
