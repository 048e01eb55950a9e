import { errorCode } from '../error-code';

/**
 * What an answer of the store means for the request.
 *
 * - `passing`: busy, broken, or not reached; the same request may do better a little later
 * - `missing`: no such object or upload
 * - `exists`: something stands under the name, which must be free
 * - `refused`: asking again changes nothing
 */
export interface BucketFailure {
  readonly kind: 'passing' | 'missing' | 'exists' | 'refused';
  /** The store's word for it, or that of the system. */
  readonly code: string;
  readonly status: number | null;
  /** The store asked to be left alone for so long. */
  readonly retryAfterMs: number | null;
}

/** Codes that come with a status which says something else. RequestTimeout: the body came too slowly. */
const passingCodes = ['RequestTimeout', 'SlowDown', 'Throttling', 'InternalError'];
/** 409: an earlier request for the same name is still being worked on. */
const passingStatus = [408, 409, 429, 500, 502, 503, 504];
const missingCodes = ['NoSuchKey', 'NoSuchUpload', 'NotFound'];

/** Reads an error of the store's client. Pure. */
export function readBucketFailure(error: unknown): BucketFailure {
  const status = statusOf(error);
  const name = error instanceof Error || hasName(error) ? error.name : 'unknown';
  const retryAfterMs = retryAfterOf(error);
  if (status === null) {
    // What the client itself found wrong with a request is no failure of the way.
    const isOurs = ['TypeError', 'RangeError', 'SyntaxError'].includes(name);
    return { kind: isOurs ? 'refused' : 'passing', code: errorCode(error) ?? name, status, retryAfterMs };
  }
  const known = { code: name, status, retryAfterMs };
  if (passingCodes.includes(name) || passingStatus.includes(status)) return { kind: 'passing', ...known };
  if (status === 412) return { kind: 'exists', ...known };
  // 416: shorter than the first byte that was asked for, so it is not what was stored.
  if (status === 416 || (status === 404 && missingCodes.includes(name))) return { kind: 'missing', ...known };
  return { kind: 'refused', ...known };
}

/** What to do about codes that people can do something about; the rest is told as it is. */
const advice: Readonly<Record<string, string>> = {
  NoSuchBucket: 'there is no such bucket. Make it, or correct custody.bucket.bucket',
  InvalidAccessKeyId: 'the store does not know the access key. Correct custody.bucket.accessKeyId',
  SignatureDoesNotMatch:
    'the secret key does not fit the access key. Correct custody.bucket.secretAccessKey; where it is right, a proxy alters the requests',
  ExpiredToken:
    'the temporary key is over. Put a new key with its token into custody.bucket.accessKeyId, secretAccessKey and sessionToken, and start the bridge again',
  InvalidToken:
    'the session token does not belong to the access key. Correct custody.bucket.sessionToken; leave it out where the key is a lasting one',
  RequestTimeTooSkewed:
    "this machine's clock and the store's are too far apart. Set the clock, and let it be kept by NTP",
  AuthorizationHeaderMalformed: 'the bucket is in another region. Correct custody.bucket.region',
  PermanentRedirect: 'the bucket is in another region. Correct custody.bucket.region and endpoint',
  AccessDenied:
    'the access key lacks a right. The bridge needs s3:ListBucket, s3:ListBucketMultipartUploads, s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload',
  NotImplemented: 'the store does not know a request that the bridge needs',
};
const byStatus: Readonly<Record<number, string>> = {
  301: 'PermanentRedirect',
  307: 'PermanentRedirect',
  401: 'InvalidAccessKeyId',
  403: 'AccessDenied',
  501: 'NotImplemented',
};

/** A failure in a sentence. The answer itself is left out: it may quote what was signed. */
export function describeBucketFailure({ kind, code, status }: BucketFailure, what: string): string {
  const facts = status === null ? code : `status ${String(status)}, ${code}`;
  const known = advice[code] ?? advice[byStatus[status ?? 0] ?? ''];
  if (known !== undefined) return `${what} was refused (${facts}): ${known}.`;
  return kind === 'passing'
    ? `${what} failed (${facts}): the store is away or busy. The work goes on by itself once it answers.`
    : `${what} was refused (${facts}).`;
}

function hasName(error: unknown): error is { readonly name: string } {
  return typeof error === 'object' && error !== null && 'name' in error && typeof error.name === 'string';
}

function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return null;
  const { httpStatusCode } = error.$metadata as { httpStatusCode?: unknown };
  return typeof httpStatusCode === 'number' && httpStatusCode > 0 ? httpStatusCode : null;
}

/** Seconds only: stores send no dates here. */
function retryAfterOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('$response' in error)) return null;
  const { headers } = (error.$response ?? {}) as { headers?: Readonly<Record<string, unknown>> };
  const seconds = Number(headers?.['retry-after'] ?? NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null;
}
