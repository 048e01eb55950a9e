import type { EgressOptions } from '@mft-bridge/http-transport';
import type { BucketConfig } from '../../config/custody-schema';
import type { CustodySite } from '../custody-site';
import type { Bucket } from './bucket';
import { createBucket } from './bucket';
import type { BucketClocks } from './bucket-client';
import { endpointOf, openBucketClient } from './bucket-client';
import type { BucketLayout } from './bucket-layout';
import { bucketLayout } from './bucket-layout';
import type { RetryTools } from './bucket-retry';
import { realRetryTools } from './bucket-retry';
import { bucketSite } from './bucket-site';

export interface OpenBucket {
  readonly bucket: Bucket;
  readonly layout: BucketLayout;
  readonly site: CustodySite;
  close(): void;
}

/** Opens the bucket that the configuration names. Asks it nothing yet. */
export async function openBucket(
  config: BucketConfig,
  egress: EgressOptions,
  { clocks, tools = realRetryTools }: { clocks?: BucketClocks; tools?: RetryTools } = {},
): Promise<OpenBucket> {
  const commands = await import('@aws-sdk/client-s3');
  const { s3, clock, close } = await openBucketClient(config, egress, clocks);
  const bucket = createBucket({ s3, commands, bucket: config.bucket, clock, ...tools });
  const layout = bucketLayout(config.prefix);
  const name = `bucket ${config.bucket} at ${endpointOf(config)}, prefix "${config.prefix}"`;
  return { bucket, layout, site: bucketSite(bucket, layout, name), close };
}
