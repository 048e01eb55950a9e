import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type * as Commands from '@aws-sdk/client-s3';
import { CustodyUnavailableError } from '../custody';
import type { RetryTools } from './bucket-retry';
import { askBucket, unless } from './bucket-retry';
import type { Multipart } from './multipart';
import { createMultipart } from './multipart';

/** What the store says about an object. */
export interface BucketObject {
  readonly size: number;
  /** What was given with it when it was stored; keys in lower case. */
  readonly notes: Readonly<Record<string, string>>;
}

/** A part of an object on its way. */
export interface BucketPart {
  readonly body: Readable;
  /** Of the whole object. */
  readonly size: number;
}

/**
 * One bucket. Every request is repeated while the store is away or busy, for a few seconds.
 * All methods throw CustodyUnavailableError when that did not help, or the store refuses.
 */
export interface Bucket extends Multipart {
  /** Under a name that must be free. False where it is taken, perhaps by an earlier try whose answer was lost. */
  put(name: string, body: Buffer, options: PutOptions): Promise<boolean>;
  look(name: string, signal?: AbortSignal): Promise<BucketObject | undefined>;
  /** From byte `from` to `to`, both included, or what there is of it. */
  get(name: string, range: { from: number; to?: number }): Promise<BucketPart | undefined>;
  remove(name: string): Promise<void>;
  list(prefix: string): AsyncIterable<{ readonly name: string; readonly at: number }>;
  /** Epoch ms by the store's own clock, as it was when it answered last. */
  clock(): number;
}

/** Sends one request until it is answered. */
export type AskStore = <Answer>(
  what: string,
  signal: AbortSignal | undefined,
  request: (options: { abortSignal?: AbortSignal }) => Promise<Answer>,
) => Promise<Answer>;

export interface PutOptions {
  readonly notes?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export interface BucketOptions extends RetryTools {
  readonly s3: Commands.S3Client;
  readonly commands: typeof Commands;
  readonly bucket: string;
  readonly clock: () => number;
}

export function createBucket({ s3, commands, bucket, clock, ...tools }: BucketOptions): Bucket {
  const { PutObjectCommand, HeadObjectCommand, GetObjectCommand, DeleteObjectCommand } = commands;
  const base = { Bucket: bucket };
  const ask: AskStore = (what, signal, request) =>
    askBucket(
      `${what} in bucket ${bucket}`,
      () => request(signal === undefined ? {} : { abortSignal: signal }),
      { ...tools, signal },
    );

  return {
    clock,
    ...createMultipart({ s3, commands, bucket, ask }),
    async put(name, body, { notes, signal }) {
      const input = {
        ...base,
        Key: name,
        Body: body,
        ContentMD5: md5(body),
        ContentType: 'application/octet-stream',
        IfNoneMatch: '*',
        ...(notes === undefined ? {} : { Metadata: { ...notes } }),
      };
      const asking = ask('Storing an object', signal, (options) =>
        s3.send(new PutObjectCommand(input), options),
      );
      return (await unless('exists', asking)) !== undefined;
    },
    async look(name, signal) {
      const asking = ask('Looking at an object', signal, (options) =>
        s3.send(new HeadObjectCommand({ ...base, Key: name }), options),
      );
      const found = await unless('missing', asking);
      return found === undefined
        ? undefined
        : { size: found.ContentLength ?? -1, notes: found.Metadata ?? {} };
    },
    async get(name, { from, to }) {
      const Range = `bytes=${String(from)}-${to === undefined ? '' : String(to)}`;
      const asking = ask('Reading an object', undefined, () =>
        s3.send(new GetObjectCommand({ ...base, Key: name, Range })),
      );
      const found = await unless('missing', asking);
      if (found?.Body === undefined) return undefined;
      if (found.ContentRange === undefined && from > 0) {
        (found.Body as Readable).destroy();
        throw new CustodyUnavailableError(
          `Reading an object in bucket ${bucket} failed: the store, or a proxy before it, answers with whole objects where a part was asked for. Objects cannot be read so.`,
        );
      }
      const total = Number(/\/(\d+)$/.exec(found.ContentRange ?? '')?.[1] ?? found.ContentLength);
      return { body: found.Body as Readable, size: total };
    },
    async remove(name) {
      const asking = ask('Removing an object', undefined, () =>
        s3.send(new DeleteObjectCommand({ ...base, Key: name })),
      );
      await unless('missing', asking);
    },
    async *list(prefix) {
      for (let token: string | undefined; ;) {
        const input = {
          ...base,
          Prefix: prefix,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        };
        const page = await ask('Listing the objects', undefined, () =>
          s3.send(new commands.ListObjectsV2Command(input)),
        );
        for (const { Key, LastModified } of page.Contents ?? [])
          if (Key !== undefined) yield { name: Key, at: LastModified?.getTime() ?? clock() };
        token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
        if (token === undefined) return;
      }
    },
  };
}

/** Base64, as the header wants it. */
export const md5 = (body: Buffer): string => createHash('md5').update(body).digest('base64');
