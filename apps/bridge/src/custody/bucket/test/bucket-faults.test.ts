/** A store that is busy, cuts, loses answers and forgets: nothing is lost, nothing stored twice, no wrong byte given. */
import { randomBytes } from 'node:crypto';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { BucketFault, BucketRequest } from '../../../../test/rig/bucket/bucket-fault';
import { CustodyDamagedError, CustodyUnavailableError } from '../../custody';
import { bucketFixture, severalParts } from './bucket-fixture';

jest.setTimeout(180_000);

const fixture = bucketFixture();
const busy: BucketFault = { kind: 'answer', status: 503, code: 'SlowDown' };

/** The fault for the first so many requests of an operation. */
function faultOnce(operation: BucketRequest['operation'], fault: BucketFault, times = 1): void {
  let left = times;
  fixture.server.onRequest((request) => {
    if (request.operation !== operation || left === 0) return undefined;
    left -= 1;
    return fault;
  });
}

test.each(['put', 'complete'] as const)(
  'a %s whose answer was lost is looked up and adopted, not stored twice',
  async (operation) => {
    const plain = operation === 'put' ? randomBytes(10_000) : severalParts();
    faultOnce(operation, { kind: 'lost' });
    const key = await fixture.deposit(plain);
    expect(fixture.server.calls[operation]).toBe(2);
    expect(await fixture.objects()).toEqual([key]);
    expect(fixture.server.uploads.count()).toBe(0);
    expect((await fixture.read(key)).equals(plain)).toBe(true);
  },
);

test.each<[string, BucketFault]>([
  ['500', { kind: 'answer', status: 500, code: 'InternalError' }],
  ['503', busy],
  ['429', { kind: 'answer', status: 429, code: 'TooManyRequests' }],
  ['a conflict of two writers', { kind: 'answer', status: 409, code: 'ConditionalRequestConflict' }],
  ['a connection that is cut', { kind: 'cut' }],
  ['an answer that is lost', { kind: 'lost' }],
])('%s at each step of an upload in parts and of its reading passes', async (_what, fault) => {
  const plain = severalParts();
  const met = new Set<string>();
  fixture.server.onRequest(({ operation, headers }) => {
    const step = `${operation} ${String(headers['range'] ?? '')}`;
    if (met.has(step)) return undefined;
    met.add(step);
    return fault;
  });
  const key = await fixture.deposit(plain);
  expect((await fixture.read(key)).equals(plain)).toBe(true);
  expect([...met].map((step) => step.split(' ')[0])).toEqual(
    expect.arrayContaining(['begin', 'part', 'complete', 'head', 'get']),
  );
  expect(await fixture.objects()).toEqual([key]);
});

test('it is waited for as long as the store asks, else longer each time, and not for ever', async () => {
  faultOnce('put', { ...busy, retryAfter: 7 });
  await fixture.deposit(Buffer.from('x'));
  expect(fixture.waits).toEqual([7_000]);
  faultOnce('put', busy, Infinity);
  await expect(fixture.deposit(Buffer.from('x'))).rejects.toThrow(
    /Storing an object in bucket custody failed \(status 503, SlowDown\): the store is away or busy/,
  );
  // Of six tries; what follows is the undoing.
  expect(fixture.waits.slice(1, 6)).toEqual([200, 400, 800, 1_600, 3_200]);
  faultOnce('put', { ...busy, retryAfter: 3_600 });
  const before = fixture.waits.length;
  await expect(fixture.deposit(Buffer.from('x'))).rejects.toThrow(CustodyUnavailableError);
  expect(fixture.waits.length).toBe(before);
});

test('an answer that breaks off is read on from where it broke', async () => {
  const plain = severalParts();
  const key = await fixture.deposit(plain);
  const ranges: unknown[] = [];
  fixture.server.onRequest(({ operation, headers }) => {
    if (operation !== 'get') return undefined;
    ranges.push(headers['range']);
    return ranges.length % 3 === 0 ? { kind: 'half' } : undefined;
  });
  expect((await fixture.read(key)).equals(plain)).toBe(true);
  expect(ranges.length).toBeGreaterThan(3);
  fixture.server.onRequest(({ operation }) => (operation === 'get' ? { kind: 'half' } : undefined));
  await expect(fixture.read(key)).rejects.toThrow(CustodyUnavailableError);
});

test('a deposit that fails half-way leaves neither object nor upload', async () => {
  faultOnce('part', { kind: 'answer', status: 403, code: 'AccessDenied' });
  await expect(fixture.deposit(severalParts())).rejects.toThrow(/s3:PutObject/);
  expect(await fixture.objects()).toEqual([]);
  expect(fixture.server.uploads.count()).toBe(0);
});

test('what the store did not keep does not count as a deposit', async () => {
  fixture.server.onRequest(({ operation }) =>
    operation === 'head' ? { kind: 'answer', status: 404, code: 'NotFound' } : undefined,
  );
  await expect(fixture.deposit(Buffer.from('x'))).rejects.toThrow(
    /said that it stored an object, and does not have it/,
  );
});

test('an object that is not there is damage, a bucket that is not there is not', async () => {
  await expect(fixture.read('0'.repeat(32))).rejects.toThrow(CustodyDamagedError);
  fixture.server.onRequest(() => ({ kind: 'answer', status: 404, code: 'NoSuchBucket' }));
  await expect(fixture.read('0'.repeat(32))).rejects.toThrow(/there is no such bucket/);
});

test('any mixture of faults: each deposit is whole or not there', async () => {
  // Small parts cannot be: stores want 5 MiB. Half of the deposits are of one request.
  let state = 12_345;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const faults: readonly BucketFault[] = [
    busy,
    { kind: 'answer', status: 500, code: 'InternalError' },
    { kind: 'cut' },
    { kind: 'lost' },
    { kind: 'half' },
    { kind: 'slow', ms: 5 },
  ];
  fixture.server.onRequest(() =>
    random() < 0.35 ? faults[Math.floor(random() * faults.length)] : undefined,
  );
  const kept = new Map<string, Buffer>();
  let failed = 0;
  for (let round = 0; round < 24; round += 1) {
    const plain = round % 12 === 0 ? severalParts() : randomBytes(Math.floor(random() * 50_000));
    try {
      kept.set(await fixture.deposit(plain), plain);
    } catch (error) {
      expect(error).toBeInstanceOf(CustodyUnavailableError);
      failed += 1;
    }
  }
  fixture.server.onRequest(() => undefined);
  const objects = await fixture.objects();
  expect(objects).toEqual(expect.arrayContaining([...kept.keys()]));
  // What could not be undone is an orphan.
  expect(objects.length).toBeLessThanOrEqual(kept.size + failed);
  for (const [key, plain] of kept) expect((await fixture.read(key)).equals(plain)).toBe(true);
  expect(kept.size).toBeGreaterThan(10);
});

describe('what several bridges leave', () => {
  const day = 24 * 3_600_000;

  test('young objects may be under way, by the time of the store', async () => {
    const [young, old] = [
      await fixture.deposit(Buffer.from('young')),
      await fixture.deposit(Buffer.from('old')),
    ];
    const at = new Date(Date.now() - day - 60_000);
    await utimes(join(fixture.server.directory, `test/objects/${old}._S3rver_object`), at, at);
    const found = new Map<string, boolean>();
    for await (const { key, mayBeUnderWay } of fixture.custody.list()) found.set(key, mayBeUnderWay);
    expect(Object.fromEntries(found)).toEqual({ [young]: true, [old]: false });
  });

  test('uploads that nobody ended are ended when they are a day old', async () => {
    const { bucket, layout } = fixture.open;
    const list = async (): Promise<void> => {
      expect(await fixture.custody.list()[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
    };
    await bucket.begin(layout.objectName('a'.repeat(32)), {});
    await list();
    expect(fixture.server.uploads.count()).toBe(1);
    fixture.server.uploads.age(day + 60_000);
    await list();
    expect(fixture.server.uploads.count()).toBe(0);
  });

  test('a listing of many pages is whole', async () => {
    const { bucket, layout } = fixture.open;
    const keys = Array.from({ length: 25 }, (_, index) => index.toString(16).padStart(32, '0'));
    for (const key of keys) await bucket.put(layout.objectName(key), Buffer.from('x'), {});
    fixture.server.listBy(10);
    const found: string[] = [];
    for await (const { key } of fixture.custody.list()) found.push(key);
    expect(found).toEqual(keys);
    expect(fixture.server.calls['list']).toBe(3);
  });
});
