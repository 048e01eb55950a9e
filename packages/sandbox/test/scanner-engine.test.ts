import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { createBlobStore } from '../src/blob-store';
import { createEngine, type EngineOptions } from '../src/scanner/engine/inspect';
import { createNeedleSearch, eicar } from '../src/scanner/engine/needle-search';
import { sha256, zip } from './scanner-kit';

const store = createBlobStore();
afterAll(() => store.close());

async function inspect(bytes: Uint8Array, name = 'file.bin', options: Partial<EngineOptions> = {}) {
  const blob = await store.fromBytes(bytes);
  return createEngine({ store, ...options })(blob, name);
}

test('the test string is the documented one', () => {
  expect(sha256(eicar())).toBe('275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f');
});

test('what holds nothing bad is allowed, with the hash of its bytes', async () => {
  const bytes = randomBytes(300_000);
  await expect(inspect(bytes)).resolves.toEqual({
    verdict: 'allowed',
    sha256: sha256(bytes),
    reason: '',
    failedAction: '',
  });
  await expect(inspect(Buffer.alloc(0))).resolves.toMatchObject({ verdict: 'allowed' });
});

test('EICAR is found at the start, in the middle and at the very end', async () => {
  const padding = randomBytes(5000);
  for (const at of [0, 2500, 5000]) {
    const bytes = Buffer.concat([padding.subarray(0, at), eicar(), padding.subarray(at)]);
    await expect(inspect(bytes)).resolves.toMatchObject({
      verdict: 'blocked',
      reason: 'Infected',
      sha256: sha256(bytes),
    });
  }
});

test('EICAR is found across the border of two pieces of a large file', async () => {
  const border = 1024 * 1024;
  for (const before of [1, 34, 67]) {
    const bytes = Buffer.alloc(2 * border, 'a');
    eicar().copy(bytes, border - before);
    await expect(inspect(bytes)).resolves.toMatchObject({ verdict: 'blocked' });
  }
});

test('the search finds a needle however the content is cut, and nothing else', () => {
  const needle = Buffer.from('abcab');
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 40 }),
      fc.array(fc.nat(5), { maxLength: 40 }),
      (letters, cuts) => {
        const content = Buffer.from(letters.join(''));
        const search = createNeedleSearch(needle);
        let found = false;
        let at = 0;
        for (const length of [...cuts, content.length]) {
          found = search.push(content.subarray(at, at + length));
          at += length;
        }
        expect(found).toBe(content.includes(needle));
      },
    ),
  );
});

describe('archives', () => {
  test('a clean ZIP is allowed, names that lead outside do not matter', async () => {
    const bytes = await zip({
      'a.txt': randomBytes(100_000),
      '../../etc/passwd': Buffer.from('x'),
      'dir/': Buffer.alloc(0),
    });
    await expect(inspect(bytes)).resolves.toMatchObject({ verdict: 'allowed' });
  });

  test('EICAR in a ZIP in a ZIP is found', async () => {
    const inner = await zip({ 'note.txt': Buffer.concat([Buffer.from('hello '), eicar()]) });
    const outer = await zip({ 'readme.txt': Buffer.from('clean'), 'inner.bin': inner });
    expect(outer.includes(eicar())).toBe(false);
    await expect(inspect(outer)).resolves.toMatchObject({ verdict: 'blocked', reason: 'Infected' });
  });

  test('EICAR in a ZIP that is glued to the end of a program is found', async () => {
    const bytes = Buffer.concat([Buffer.from('MZ'), randomBytes(3000), await zip({ 'e.com': eicar() })]);
    await expect(inspect(bytes, 'setup.exe')).resolves.toMatchObject({ verdict: 'blocked' });
  });

  test.each([
    ['AES', false],
    ['ZipCrypto', true],
  ])('an encrypted ZIP (%s) is not scannable', async (_, zipCrypto) => {
    const { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } = await import('@zip.js/zip.js');
    const writer = new ZipWriter(new Uint8ArrayWriter(), { password: 'secret', zipCrypto });
    await writer.add('order.txt', new Uint8ArrayReader(Buffer.from('850')));
    await expect(inspect(Buffer.from(await writer.close()))).resolves.toMatchObject({
      verdict: 'unscannable',
      reason: 'Encrypted Archive',
      failedAction: 'Archive Extraction Failed',
    });
  });

  test('an encrypted ZIP inside a ZIP is not scannable, but an infection beside it is what counts', async () => {
    const locked = await zip({ 'order.txt': Buffer.from('850') }, 'secret');
    await expect(inspect(await zip({ 'a.zip': locked, 'b.txt': Buffer.from('b') }))).resolves.toMatchObject({
      verdict: 'unscannable',
      reason: 'Encrypted Archive',
    });
    await expect(inspect(await zip({ 'a.zip': locked, 'e.com': eicar() }))).resolves.toMatchObject({
      verdict: 'blocked',
    });
  });

  test('a damaged ZIP is not scannable', async () => {
    const whole = await zip({ 'a.txt': randomBytes(5000) });
    await expect(inspect(whole.subarray(0, 3000))).resolves.toMatchObject({
      verdict: 'unscannable',
      reason: 'Failed',
    });
    const deflated = await zip({ 'a.txt': Buffer.alloc(50_000, 'abcdefgh') });
    deflated.fill(0xff, 60, 90);
    await expect(inspect(deflated)).resolves.toMatchObject({ verdict: 'unscannable', reason: 'Failed' });
  });

  test('a directory that points outside the file does no harm', async () => {
    const bytes = await zip({ 'a.txt': Buffer.from('aaaa') });
    bytes.writeUInt32LE(0x7ffffff0, bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2])) + 42);
    await expect(inspect(bytes)).resolves.toMatchObject({ verdict: 'unscannable', reason: 'Failed' });
    bytes.writeUInt32LE(0x7ffffff0, bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6])) + 16);
    await expect(inspect(bytes)).resolves.toMatchObject({ verdict: 'unscannable', reason: 'Failed' });
  });

  test('bytes that merely look like the end of a ZIP are no archive', async () => {
    const bytes = Buffer.concat([randomBytes(500), Buffer.from([0x50, 0x4b, 5, 6]), randomBytes(300)]);
    await expect(inspect(bytes)).resolves.toMatchObject({ verdict: 'allowed' });
  });

  test('any damage to a ZIP ends in a verdict, never in a crash', async () => {
    const whole = await zip({ 'a.txt': Buffer.alloc(300, 'ab'), 'b.txt': Buffer.from('b') });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        async (damage) => {
          const bytes = Buffer.from(whole);
          for (const [at, value] of damage) bytes[at] = value;
          const { verdict } = await inspect(bytes);
          expect(['allowed', 'unscannable']).toContain(verdict);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('a bomb is refused by its directory, without being inflated', async () => {
    const bomb = await zip({ 'zeros.bin': Buffer.alloc(4 * 1024 * 1024) });
    const limits = { inflatedBytes: 1024 * 1024 };
    await expect(inspect(bomb, 'a.zip', { limits })).resolves.toMatchObject({
      verdict: 'unscannable',
      reason: 'Exceeded Archive Size',
    });
  });

  test('a bomb that lies about its size is stopped at the size it declares', async () => {
    const bomb = await zip({ 'zeros.bin': Buffer.alloc(4 * 1024 * 1024) });
    // The directory says 10 bytes, in both of its records.
    bomb.writeUInt32LE(10, bomb.indexOf(Buffer.from([0x50, 0x4b, 1, 2])) + 24);
    bomb.writeUInt32LE(10, 22);
    await expect(inspect(bomb)).resolves.toMatchObject({ verdict: 'unscannable', reason: 'Failed' });
  });

  test('too many levels and too many members are not scannable', async () => {
    let nested = await zip({ 'e.com': eicar() });
    for (let level = 0; level < 4; level += 1) nested = await zip({ 'in.zip': nested });
    await expect(inspect(nested)).resolves.toMatchObject({ verdict: 'blocked' });
    nested = await zip({ 'in.zip': nested });
    await expect(inspect(nested)).resolves.toMatchObject({ reason: 'Exceeded Archive Depth' });
    const many = await zip(
      Object.fromEntries(Array.from({ length: 5 }, (_, n) => [`${n}.txt`, Buffer.from('x')])),
    );
    await expect(inspect(many, 'a.zip', { limits: { members: 4 } })).resolves.toMatchObject({
      reason: 'Exceeded Archive File Number',
    });
    await expect(inspect(many, 'a.zip', { limits: { members: 5 } })).resolves.toMatchObject({
      verdict: 'allowed',
    });
  });
});
