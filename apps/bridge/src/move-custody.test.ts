import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestBucket } from '../test/rig/bucket/start-bucket';
import { startBucket } from '../test/rig/bucket/start-bucket';
import type { BridgeConfig } from './config/schema';
import { Secret } from './config/secret';
import { moveCustody } from './move-custody';

jest.setTimeout(60_000);

/** Larger than one part of an upload, a part, and small ones. */
const sizes = [9_000_000, 8 * 1024 * 1024, 1, 300_000];
const keys = sizes.map((_, index) => String(index).repeat(32));

let root: string;
let server: TestBucket;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'move-custody-'));
  for (const [index, key] of keys.entries()) {
    const folder = join(root, 'objects', key.slice(0, 2));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, key), randomBytes(sizes[index] ?? 0));
  }
  server = await startBucket();
});
afterEach(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

function configuration(): Parameters<typeof moveCustody>[0]['to'] {
  const bucket: NonNullable<BridgeConfig['custody']['bucket']> = {
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
  };
  const custody = { bucket, directory: root, shared: false, keyFile: '', minFreeBytes: 0 };
  return {
    custody: { ...custody, cache: { directory: root, maxBytes: 0 } },
    egress: { proxy: null, noProxy: [], caFile: null },
  } as unknown as Parameters<typeof moveCustody>[0]['to'];
}

function move(count = keys.length, ledgerId = 'this-ledger'): ReturnType<typeof moveCustody> {
  const some = async function* () {
    yield* keys.slice(0, count);
  };
  return moveCustody({ from: root, to: configuration(), ledgerId, keys: some(), onCarried: () => undefined });
}

test('into a bucket: sealed bytes as they are, of any size, and on where it broke off', async () => {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  expect(await move(2)).toMatchObject({ objects: 2, known: 0 });
  expect(await move()).toEqual({ objects: 4, known: 2, bytes: total, missing: 0 });
  expect(await move()).toMatchObject({ objects: 4, known: 4 });
});

test('puts whose answers were lost, and a store that is away for a moment, cost time only', async () => {
  let lost = 0;
  server.onRequest(({ operation }) => {
    if (operation === 'put' && lost < 2) {
      lost += 1;
      return { kind: 'lost' };
    }
    if (operation === 'get' && lost < 3) {
      lost += 1;
      return { kind: 'answer', status: 503, code: 'SlowDown' };
    }
    return undefined;
  });
  expect(await move()).toMatchObject({ objects: 4, missing: 0 });
  expect(lost).toBe(3);
});

test('never into the bucket of another ledger', async () => {
  await move(1);
  await expect(move(2, 'another')).rejects.toThrow(/bucket .* belongs to another ledger. Name an empty one/);
});
