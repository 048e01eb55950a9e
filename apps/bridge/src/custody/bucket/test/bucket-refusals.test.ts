/** A bucket that cannot be custody is refused with a sentence, before anything is taken. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BucketFault, BucketRequest } from '../../../../test/rig/bucket/bucket-fault';
import type { BucketConfig } from '../../../config/custody-schema';
import { Secret } from '../../../config/secret';
import { noWaits, openTestBucket } from '../../test/open-test-bucket';
import { checkBucket } from '../check-bucket';
import { bucketFixture } from './bucket-fixture';

jest.setTimeout(180_000);

const fixture = bucketFixture();

async function check(
  changes: Partial<BucketConfig> = {},
  options: Parameters<typeof openTestBucket>[2] = {},
): Promise<void> {
  const { bucket, layout, close } = await openTestBucket(fixture.server, changes, options);
  try {
    await checkBucket(bucket, layout);
  } finally {
    close();
  }
}
const left = async (): Promise<readonly string[]> =>
  (await readdir(fixture.server.directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

test('one that is fit is found so, and nothing is left in it', async () => {
  await check();
  expect(await left()).toEqual([]);
  expect(fixture.server.uploads.count()).toBe(0);
});

test('a temporary key sends its token, and what the store says against it is told', async () => {
  const tokens = new Set<unknown>();
  fixture.server.onRequest(({ headers }) => {
    tokens.add(headers['x-amz-security-token']);
    return { kind: 'answer', status: 400, code: 'ExpiredToken' };
  });
  const refusal = await check({ sessionToken: new Secret('canary-token') }).catch((error: unknown) => error);
  expect(String(refusal)).toMatch(/the temporary key is over.*sessionToken, and start the bridge again/);
  expect(JSON.stringify(refusal) + String((refusal as Error).stack)).not.toContain('canary');
  expect([...tokens]).toEqual(['canary-token']);
});

test('one that overwrites where it must refuse is not fit', async () => {
  fixture.server.overwrite();
  await expect(check()).rejects.toThrow(/not fit for custody: it overwrites.*If-None-Match/);
  expect(await left()).toEqual([]);
});

test.each<[string, Partial<BucketConfig>, RegExp]>([
  [
    'an unknown access key',
    { accessKeyId: new Secret('nobody') },
    /InvalidAccessKeyId|does not fit the access key/,
  ],
  [
    'a wrong secret key',
    { secretAccessKey: new Secret('canary-wrong') },
    /does not fit the access key. Correct custody.bucket.secretAccessKey/,
  ],
  ['a bucket that does not exist', { bucket: 'no-such-bucket' }, /there is no such bucket/],
])('%s', async (_what, changes, sentence) => {
  const refusal = await check(changes).catch((error: unknown) => error);
  expect(String(refusal)).toMatch(sentence);
  expect(JSON.stringify(refusal) + String((refusal as Error).stack)).not.toContain('canary');
});

test.each<[string, BucketRequest['operation'], BucketFault, RegExp]>([
  [
    'a missing right to remove',
    'delete',
    { kind: 'answer', status: 403, code: 'AccessDenied' },
    /Removing an object.*needs .*s3:DeleteObject/,
  ],
  [
    'a missing right to list uploads',
    'uploads',
    { kind: 'answer', status: 403, code: 'AccessDenied' },
    /Listing the unfinished uploads.*s3:ListBucketMultipartUploads/,
  ],
  [
    'a clock that is wrong',
    'list',
    { kind: 'answer', status: 403, code: 'RequestTimeTooSkewed' },
    /clock and the store's are too far apart. Set the clock/,
  ],
  [
    'a bucket of another region',
    'list',
    { kind: 'answer', status: 301, code: 'PermanentRedirect' },
    /another region. Correct custody.bucket.region/,
  ],
  [
    'a request that the store does not know',
    'begin',
    { kind: 'answer', status: 501, code: 'NotImplemented' },
    /does not know a request that the bridge needs/,
  ],
])('%s', async (_what, operation, fault, sentence) => {
  fixture.server.onRequest((request) => (request.operation === operation ? fault : undefined));
  await expect(check()).rejects.toThrow(sentence);
});

test('a HEAD that is refused has no body, and is explained all the same', async () => {
  fixture.server.onRequest(({ operation }) =>
    operation === 'head' ? { kind: 'answer', status: 403, code: '' } : undefined,
  );
  await expect(check()).rejects.toThrow(/Looking at an object.*lacks a right/);
});

describe('the way out', () => {
  const before = { ...process.env };
  afterEach(() => {
    process.env = before;
  });

  test('nothing is taken from the environment', async () => {
    process.env = {
      ...before,
      http_proxy: 'http://127.0.0.1:1',
      HTTP_PROXY: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
      AWS_ACCESS_KEY_ID: 'other',
      AWS_SECRET_ACCESS_KEY: 'other',
      AWS_PROFILE: 'none',
      AWS_CONFIG_FILE: join(fixture.root, 'no-such-file'),
      AWS_REGION: 'elsewhere-1',
      AWS_USE_FIPS_ENDPOINT: 'true',
    };
    await check();
  });

  test('the proxy of the configuration is used', async () => {
    const tools = noWaits();
    await expect(check({}, { tools, egress: { proxy: 'http://127.0.0.1:1' } })).rejects.toThrow(
      /the store is away or busy/,
    );
    expect(tools.waits.length).toBe(5);
  });
});

test('an object under the name of the identity that is none is refused', async () => {
  const { bucket, layout, site } = fixture.open;
  expect(await site.readIdentity()).toBeUndefined();
  await bucket.put(layout.identity, Buffer.from('{"ledger":'), {});
  await expect(site.readIdentity()).rejects.toThrow(/does not name a ledger/);
});

test('of two ledgers that bind it at once one is refused; of two bridges of one ledger none', async () => {
  const { site } = fixture.open;
  const bound = await Promise.allSettled([site.writeIdentity('one'), site.writeIdentity('two')]);
  expect(bound.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const winner = await site.readIdentity();
  expect(['one', 'two']).toContain(winner);
  await site.writeIdentity(winner!);
  await expect(site.writeIdentity('three')).rejects.toThrow(/bound to another ledger a moment ago/);
});
