import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Blob } from '../blob-store';

/** Pre-signed URLs are good for ten minutes (reference, section 7). */
const URL_LIFETIME_SECONDS = 600;
const BUCKET = 'mftg-sandbox';

export interface StoredObject {
  readonly blob: Blob;
  /** The end of its key: for an attachment its name, which may hold anything, slashes too. */
  readonly name: string;
  readonly contentType: string;
  /** Epoch ms. */
  readonly modified: number;
}

/** Why a URL is refused, in S3's words. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** More elements of the XML. */
  readonly details?: Readonly<Record<string, string>>;
}

/** The bucket behind the gateway: keys, and URLs that carry their own permission. */
export interface ObjectStore {
  put(key: string, object: StoredObject): void;
  has(key: string): boolean;
  /** Its content is disposed of. */
  remove(key: string): Promise<void>;
  /** A URL that serves the object without further login for ten minutes. */
  presign(key: string, base: string): string;
  /** The object, or why it is not given. `key` as it stands in the URL, decoded. */
  open(bucket: string, key: string, query: Readonly<Record<string, unknown>>): StoredObject | Refusal;
}

export function createObjectStore(
  clock: () => number,
  options: {
    /** The bucket deletes objects of that age. */
    readonly lifetimeMs: number;
    /** S3 says 403 instead of 404 where the signer may not list the bucket. */
    readonly missingIsDenied: boolean;
  },
): ObjectStore {
  const { lifetimeMs, missingIsDenied } = options;
  const objects = new Map<string, StoredObject>();
  const secret = randomBytes(32);
  const accessKey = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;

  function sign(key: string, date: string, expires: string): string {
    return createHmac('sha256', secret).update(`GET\n${key}\n${date}\n${expires}`).digest('hex');
  }

  async function remove(key: string): Promise<void> {
    const object = objects.get(key);
    objects.delete(key);
    await object?.blob.dispose();
  }

  /** The oldest stand first, so that a look at what is still young costs one step. */
  function sweep(): void {
    for (const [key, { modified }] of objects) {
      if (clock() < modified + lifetimeMs) return;
      void remove(key);
    }
  }

  return {
    put(key, object) {
      sweep();
      objects.set(key, object);
    },
    has(key) {
      sweep();
      return objects.has(key);
    },
    remove,
    presign(key, base) {
      const date = amzDate(clock());
      const expires = String(URL_LIFETIME_SECONDS);
      const query = new URLSearchParams({
        'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
        'X-Amz-Date': date,
        'X-Amz-SignedHeaders': 'host',
        'X-Amz-Expires': expires,
        'X-Amz-Credential': `${accessKey}/${date.slice(0, 8)}/us-east-1/s3/aws4_request`,
        'X-Amz-Signature': sign(key, date, expires),
      });
      return `${base}/${BUCKET}/${encodeKey(key, objects.get(key)?.name ?? '')}?${query.toString()}`;
    },
    open(bucket, key, query) {
      sweep();
      const [date, expires, signature] = ['X-Amz-Date', 'X-Amz-Expires', 'X-Amz-Signature'].map(
        (name) => query[name],
      );
      if (typeof date !== 'string' || typeof expires !== 'string' || typeof signature !== 'string')
        return { status: 403, code: 'AccessDenied', message: 'Access Denied' };
      if (bucket !== BUCKET || !sameText(signature, sign(key, date, expires)))
        return {
          status: 403,
          code: 'SignatureDoesNotMatch',
          message:
            'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
        };
      const end = fromAmzDate(date) + Number(expires) * 1000;
      if (clock() >= end)
        return {
          status: 403,
          code: 'AccessDenied',
          message: 'Request has expired',
          details: { 'X-Amz-Expires': expires, Expires: isoSeconds(end), ServerTime: isoSeconds(clock()) },
        };
      const object = objects.get(key);
      if (object === undefined && missingIsDenied)
        return { status: 403, code: 'AccessDenied', message: 'Access Denied' };
      return (
        object ?? {
          status: 404,
          code: 'NoSuchKey',
          message: 'The specified key does not exist.',
          details: { Key: key },
        }
      );
    },
  };
}

/** The name becomes one segment, whatever a partner put into it: a URL parser must not fold `../` away. */
function encodeKey(key: string, name: string): string {
  const folder = key.slice(0, key.length - name.length);
  return folder.split('/').map(encodeURIComponent).join('/') + encodeURIComponent(name);
}

function amzDate(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

function fromAmzDate(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function isoSeconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
