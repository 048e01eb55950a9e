import type { EgressOptions } from '@mft-bridge/http-transport';
import type { TestBucket } from '../../../test/rig/bucket/start-bucket';
import type { BucketConfig } from '../../config/custody-schema';
import { Secret } from '../../config/secret';
import type { RetryTools } from '../bucket/bucket-retry';
import type { OpenBucket } from '../bucket/open-bucket';
import { openBucket } from '../bucket/open-bucket';

const clocks = { connectMs: 20_000, answerMs: 60_000, idleMs: 30_000 };
/** Waits for nothing, and notes how long it would have waited. */
export function noWaits(): RetryTools & { readonly waits: number[] } {
  const waits: number[] = [];
  return {
    waits,
    random: () => 1,
    sleep: (ms) => Promise.resolve(void waits.push(ms)),
  };
}

/** The bucket of a test, as the bridge opens it. */
export function openTestBucket(
  server: TestBucket,
  changes: Partial<BucketConfig> = {},
  { tools = noWaits(), egress = {} }: { tools?: RetryTools; egress?: EgressOptions } = {},
): Promise<OpenBucket> {
  const config: BucketConfig = {
    endpoint: server.url,
    region: 'us-east-1',
    bucket: server.bucket,
    prefix: 'test/',
    accessKeyId: new Secret(server.accessKeyId),
    secretAccessKey: new Secret(server.secretAccessKey),
    sessionToken: null,
    forcePathStyle: true,
    ca: null,
    allowInsecureHttp: false,
    ...changes,
  };
  return openBucket(config, egress, { clocks, tools });
}
