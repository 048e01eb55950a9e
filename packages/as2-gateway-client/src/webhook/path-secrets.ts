import { createHash, timingSafeEqual } from 'node:crypto';
import { InvalidRequestError } from '@mft-bridge/http-transport';

/** A guess takes longer than any log is kept: 22 characters of base64url are 128 bits. */
const LEAST_LENGTH = 22;

/**
 * Tells whether the last segment of a path is one of the secrets. Digests are compared, each with each and without
 * an early end, so that the time taken tells nothing about how much of a guess was right.
 *
 * @throws InvalidRequestError for none, for more than two, and for one that is short or would change in a URL.
 */
export function createPathCheck(secrets: readonly string[]): (path: string) => boolean {
  if (secrets.length < 1 || secrets.length > 2)
    throw refused('one secret is needed, or two while they are rotated');
  for (const secret of secrets) {
    if (secret.length < LEAST_LENGTH)
      throw refused(`a secret has fewer than ${String(LEAST_LENGTH)} characters`);
    if (!/^[\w.~-]+$/.test(secret)) throw refused('a secret has characters other than A-Z a-z 0-9 . _ ~ -');
  }
  const expected = secrets.map(digestOf);
  return (path) => {
    const given = digestOf(lastSegmentOf(path));
    return expected.map((digest) => timingSafeEqual(digest, given)).some(Boolean);
  };
}

// A slash at the end is forgiven: some senders insist on one.
function lastSegmentOf(path: string): string {
  const bare = path.replace(/[?#].*$/s, '').replace(/\/$/, '');
  return bare.slice(bare.lastIndexOf('/') + 1);
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function refused(what: string): InvalidRequestError {
  return new InvalidRequestError({
    operation: 'webhook.create',
    message: `The webhook handler was not created: ${what}.`,
    hint: "Make one with randomBytes(32).toString('base64url'), and put it at the end of the address in the console.",
  });
}
