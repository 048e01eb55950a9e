import { readFile } from 'node:fs/promises';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type { EgressOptions } from '@mft-bridge/http-transport';
import { createConnectionAgents } from '@mft-bridge/http-transport';
import type { BucketConfig } from '../../config/custody-schema';

/** Until a connection stands, until an answer to one request begins, and without a byte moving; ms. */
export interface BucketClocks {
  readonly connectMs: number;
  readonly answerMs: number;
  readonly idleMs: number;
}

const usualClocks: BucketClocks = { connectMs: 10_000, answerMs: 120_000, idleMs: 30_000 };

/** The store's client, with what belongs to it. */
export interface BucketClient {
  readonly s3: S3Client;
  /** Epoch ms by the store's clock, as its last answer said it. */
  readonly clock: () => number;
  close(): void;
}

/**
 * Opens the store's client as the configuration wants it. Everything that it would look up in the environment or in
 * the files of other tools is said here: nothing is guessed.
 */
export async function openBucketClient(
  config: BucketConfig,
  egress: EgressOptions,
  clocks: BucketClocks = usualClocks,
): Promise<BucketClient> {
  // On demand: a bridge without a bucket need not have it in memory.
  const { S3Client } = await import('@aws-sdk/client-s3');
  const endpoint = endpointOf(config);
  const ca = config.ca === null ? {} : { ca: await readFile(config.ca, 'utf8') };
  const agents = createConnectionAgents({ ...egress, ...ca });
  const host = new URL(endpoint);
  if (!config.forcePathStyle) host.hostname = `${config.bucket}.${host.hostname}`;
  const agent = agents.pick(host, 'shared');
  const options = {
    region: config.region,
    endpoint,
    forcePathStyle: config.forcePathStyle,
    credentials: {
      accessKeyId: config.accessKeyId.reveal(),
      secretAccessKey: config.secretAccessKey.reveal(),
      ...(config.sessionToken === null ? {} : { sessionToken: config.sessionToken.reveal() }),
    },
    // Tries are ours, see bucket-retry.ts.
    maxAttempts: 1,
    retryMode: 'standard',
    defaultsMode: 'standard',
    // Each request carries the SHA-256 of its bytes in its signature, and their MD5: all stores know these.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    authSchemePreference: [],
    disableS3ExpressSessionAuth: true,
    useArnRegion: false,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    userAgentAppId: 'mft-bridge',
    requestHandler: {
      connectionTimeout: clocks.connectMs,
      requestTimeout: clocks.answerMs,
      throwOnRequestTimeout: true,
      socketTimeout: clocks.idleMs,
      ...(host.protocol === 'https:' ? { httpsAgent: agent } : { httpAgent: agent }),
    },
  } satisfies S3ClientConfig & { requestHandler: Record<string, unknown> };
  const s3 = new S3Client(options);
  let ahead = 0;
  s3.middlewareStack.add(
    (next) => async (request) => {
      const output = await next(request);
      const { headers } = output.response as { headers?: Readonly<Record<string, string>> };
      const at = Date.parse(headers?.['date'] ?? '');
      if (!Number.isNaN(at)) ahead = at - Date.now();
      return output;
    },
    { step: 'deserialize', priority: 'low', name: 'noteClock' },
  );
  return {
    s3,
    clock: () => Date.now() + ahead,
    close() {
      s3.destroy();
      agents.close();
    },
  };
}

/** Said always: where it is left out, the client looks for one in the environment. */
export function endpointOf({ endpoint, region }: Pick<BucketConfig, 'endpoint' | 'region'>): string {
  return endpoint ?? `https://s3.${region}.amazonaws.com`;
}
