import { join } from 'node:path';
import { configFixture, env, valid } from './config-fixture';

const fixture = configFixture();
const bucketEnv = { ...env, BUCKET_KEY: 'canary-bucket-key' };
const bucket =
  'bucket: { region: eu-central-1, bucket: my-bucket, accessKeyId: AKIA, secretAccessKey: { env: BUCKET_KEY } }';
const custody = (text: string): string => `${valid}custody:\n  ${text}\n`;
const server = 'ledger:\n  postgres: { url: { env: KEY } }\n';

test('nothing said: a directory of this machine beside the data', async () => {
  const { custody: made, dataDirectory } = await fixture.load(valid);
  expect(made).toMatchObject({
    directory: join(dataDirectory, 'custody'),
    keyFile: join(dataDirectory, 'custody-key.json'),
    shared: false,
    bucket: null,
  });
});

test('a bucket of Amazon and one of another', async () => {
  const { custody: amazon, dataDirectory } = await fixture.load(custody(bucket), bucketEnv);
  expect(amazon.bucket).toMatchObject({ endpoint: null, prefix: 'mft-bridge/', forcePathStyle: false });
  expect(amazon.cache).toEqual({ directory: join(dataDirectory, 'custody-cache'), maxBytes: 10 * 1024 ** 3 });
  expect(amazon.bucket?.secretAccessKey.reveal()).toBe('canary-bucket-key');
  expect(JSON.stringify(amazon)).not.toContain('canary');
  expect(amazon.bucket?.sessionToken).toBeNull();
  const temporary = bucket.replace('{ region', '{ sessionToken: { env: BUCKET_KEY }, region');
  const { custody: sts } = await fixture.load(custody(temporary), bucketEnv);
  expect(sts.bucket?.sessionToken?.reveal()).toBe('canary-bucket-key');
  expect(JSON.stringify(sts)).not.toContain('canary');
  const other = bucket.replace('{ region', '{ endpoint: https://minio.example:9000, prefix: a/b, region');
  const { custody: made } = await fixture.load(custody(other), bucketEnv);
  expect(made.bucket).toMatchObject({ forcePathStyle: true, prefix: 'a/b/' });
});

test.each<[string, string, string[]]>([
  [
    'a bucket and a directory',
    custody(`${bucket}\n  directory: here`),
    ['custody.directory: found beside custody.bucket; expected one of the two'],
  ],
  [
    'a bucket that is called shared',
    custody(`${bucket}\n  shared: true`),
    ['custody.shared: found beside custody.bucket, which all bridges reach by itself'],
  ],
  [
    'copies of nothing',
    custody('cache: { maxBytes: 1GiB }'),
    ['custody.cache: found without custody.bucket; a directory needs no copies beside it'],
  ],
  [
    'a shared directory that is nowhere',
    custody('shared: true'),
    ['custody.directory: found nothing, expected where the shared directory is mounted'],
  ],
  [
    'a bucket in clear',
    custody(bucket.replace('{ region', '{ endpoint: http://minio.example:9000, region')),
    [
      'custody.bucket.endpoint: plain http to another machine would show who asks, and for what, to everyone on the way; expected https (or allowInsecureHttp: true beside it)',
    ],
  ],
  [
    'a secret in the file',
    custody(bucket.replace('{ env: BUCKET_KEY }', 'canary-in-clear')),
    [
      'custody.bucket.secretAccessKey: a secret must not stand in this file; put it into an environment variable or a file of mode 600, and write { env: NAME } or { file: path }',
    ],
  ],
  [
    'a token in the file',
    custody(bucket.replace('{ region', '{ sessionToken: canary-in-clear, region')),
    [
      'custody.bucket.sessionToken: a secret must not stand in this file; put it into an environment variable or a file of mode 600, and write { env: NAME } or { file: path }',
    ],
  ],
  [
    'a prefix that leads elsewhere',
    custody(bucket.replace('{ region', '{ prefix: a/../b, region')),
    [
      'custody.bucket.prefix: found "a/../b", expected parts of letters, digits, ".", "_" and "-" with "/" between them, or ""',
    ],
  ],
  [
    'several bridges on a ledger whose bytes are on one machine',
    valid + server,
    [
      'ledger.postgres.singleNode: found no custody that several bridges share; expected custody.bucket, or custody.shared: true with a custody.directory that all of them have mounted; or singleNode: true here, where this bridge is the only one on the ledger',
    ],
  ],
])('refused: %s', async (_what, source, expected) => {
  const found = await fixture.problems(source, bucketEnv);
  expect(found.map((problem) => problem.replace(/^\d+:\d+ /, ''))).toEqual(expected);
});

test.each([
  ['a shared directory', custody('shared: true\n  directory: /mnt/custody') + server],
  ['a bucket', custody(bucket) + server],
  ['one bridge alone', valid + server.replace('KEY }', 'KEY }, singleNode: true')],
  // One bridge, whose bytes outlive its machine.
  ['a ledger in a file and a bucket', custody(bucket)],
])('taken: %s', async (_what, source) => {
  await expect(fixture.load(source, bucketEnv)).resolves.toBeDefined();
});
