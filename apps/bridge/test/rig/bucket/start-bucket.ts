import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import type { BucketFront } from './bucket-front';
import { startBucketFront } from './bucket-front';

/** A bucket on this machine, whose server checks signatures, behind what the server lacks. */
export interface TestBucket extends BucketFront {
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Where its files are: `<name>._S3rver_object`. */
  readonly directory: string;
  /** `custody.bucket` of a configuration, with the secrets in `env`. */
  readonly section: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
}

/** Of the account that the server brings along. */
const account = 'S3RVER';

export async function startBucket({ port = 0 } = {}): Promise<TestBucket> {
  const directory = await mkdtemp(join(tmpdir(), 'bucket-'));
  const bucket = 'custody';
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    vhostBuckets: false,
    configureBuckets: [{ name: bucket }],
  });
  const { port: inner } = await server.run();
  const front = await startBucketFront({
    inner,
    port,
    directory: join(directory, bucket),
    bucket,
    account,
  });
  return {
    ...front,
    bucket,
    accessKeyId: account,
    secretAccessKey: account,
    directory: join(directory, bucket),
    section: {
      endpoint: front.url,
      region: 'us-east-1',
      bucket,
      prefix: 'test/',
      accessKeyId: { env: 'RIG_BUCKET_KEY_ID' },
      secretAccessKey: { env: 'RIG_BUCKET_KEY' },
    },
    env: { RIG_BUCKET_KEY_ID: account, RIG_BUCKET_KEY: account },
    async close() {
      await front.close();
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
