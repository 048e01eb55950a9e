import { join } from 'node:path';
import type { z } from 'zod';
import { baseUrl, byteSize, field, flag, orEmpty, path, section, text } from './field';
import type { SecretReader } from './secrets';
import { secretField } from './secrets';

const bucketName = field('the name of a bucket', (value) =>
  typeof value === 'string' && /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(value) ? value : undefined,
);

/** Becomes empty or ends with a slash. Plain characters only: others are encoded in one way by each store. */
const prefix = field('parts of letters, digits, ".", "_" and "-" with "/" between them, or ""', (value) => {
  if (value === '') return '';
  if (typeof value !== 'string' || !/^[\w.-]+(?:\/[\w.-]+)*\/?$/.test(value)) return undefined;
  return value.split('/').some((part) => part === '.' || part === '..')
    ? undefined
    : value.replace(/\/?$/, '/');
});

function bucketSchema(read: SecretReader, directory: string) {
  return section({
    /** null is Amazon's own for the region. */
    endpoint: baseUrl.nullable().default(null),
    region: text,
    bucket: bucketName,
    prefix: prefix.prefault('mft-bridge/'),
    accessKeyId: secretField(read, { literal: true }),
    secretAccessKey: secretField(read),
    /** Belongs to a temporary key, as AWS STS gives it. Read at the start: when it is over, the bridge needs another and a restart. */
    sessionToken: secretField(read).nullable().default(null),
    /** The bucket in the path instead of the host name; where it is left out, with every endpoint but Amazon's. */
    forcePathStyle: flag.nullable().default(null),
    /** A file of certificates in PEM that are trusted instead of the others. */
    ca: path(directory).nullable().default(null),
    allowInsecureHttp: flag.prefault(false),
  }).transform((bucket) => ({
    ...bucket,
    forcePathStyle: bucket.forcePathStyle ?? bucket.endpoint !== null,
  }));
}

/** `custody:`, where bytes are kept. What fits together is in `custody-checks.ts`. */
export function custodySchema(read: SecretReader, directory: string) {
  return section({
    directory: path(directory).nullable().default(null),
    /** The directory is one that all bridges have mounted. */
    shared: flag.prefault(false),
    bucket: bucketSchema(read, directory).nullable().default(null),
    cache: orEmpty(
      section({
        directory: path(directory).nullable().default(null),
        /** Bytes; 0 for none. */
        maxBytes: byteSize().prefault('10GiB'),
      }),
    ),
    keyFile: path(directory).nullable().default(null),
    /** Free bytes on the disk below which nothing is taken. */
    minFreeBytes: byteSize().prefault('1GB'),
  });
}

type ParsedCustody = z.output<ReturnType<typeof custodySchema>>;

/** `custody:` with everything filled in. */
export interface CustodyConfig {
  /** Counts where `bucket` is null. */
  readonly directory: string;
  readonly shared: boolean;
  readonly bucket: BucketConfig | null;
  /** Copies of what is in the bucket. */
  readonly cache: { readonly directory: string; readonly maxBytes: number };
  readonly keyFile: string;
  readonly minFreeBytes: number;
}

export type BucketConfig = NonNullable<ParsedCustody['bucket']>;

/** Fills in what follows from the data directory. */
export function completeCustody(custody: ParsedCustody, dataDirectory: string): CustodyConfig {
  return {
    ...custody,
    directory: custody.directory ?? join(dataDirectory, 'custody'),
    cache: { ...custody.cache, directory: custody.cache.directory ?? join(dataDirectory, 'custody-cache') },
    keyFile: custody.keyFile ?? join(dataDirectory, 'custody-key.json'),
  };
}
