import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { CustodyDamagedError } from '../custody/custody';
import type { Parcel } from './destination';
import { withhold } from './withhold';

/** A parcel that promises `promised` and gives `given`. */
function parcel(promised: Buffer, given: readonly Buffer[] = [promised]): Parcel {
  const sha256 = createHash('sha256').update(promised).digest('hex');
  const open = (): Readable => Readable.from(given, { objectMode: false });
  return { name: 'orders.edi', contentType: null, size: promised.length, sha256, open };
}

async function read(stream: Readable): Promise<{ given: Buffer; error: unknown }> {
  const given: Buffer[] = [];
  try {
    for await (const chunk of stream) given.push(chunk as Buffer);
    return { given: Buffer.concat(given), error: undefined };
  } catch (error) {
    return { given: Buffer.concat(given), error };
  }
}

const chunks = fc.array(
  fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
  { maxLength: 6 },
);

test('the right bytes pass unchanged, in any chunks', async () => {
  await fc.assert(
    fc.asyncProperty(chunks, async (given) => {
      const plain = Buffer.concat(given);
      expect((await buffer(withhold(parcel(plain, given)))).equals(plain)).toBe(true);
    }),
  );
});

test('of any wrong bytes fewer are given than were promised, and the caller is told', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 100 }), chunks, async (promised, given) => {
      fc.pre(!Buffer.concat(given).equals(Buffer.from(promised)));
      const told: unknown[] = [];
      const result = await read(withhold(parcel(Buffer.from(promised), given), (error) => told.push(error)));
      expect(result.error).toBeInstanceOf(CustodyDamagedError);
      expect(result.given.length).toBeLessThan(promised.length);
      expect(told).toEqual([result.error]);
    }),
  );
});

test('an error of custody itself is told as damage, another is not', async () => {
  const failing = (error: Error): Parcel => ({
    ...parcel(Buffer.alloc(5)),
    open: () => new Readable({ read: (): void => undefined, construct: (done) => done(error) }),
  });
  const told: unknown[] = [];
  const tell = (error: Error): number => told.push(error);
  const damage = new CustodyDamagedError('frame 3 is altered');
  expect((await read(withhold(failing(damage), tell))).error).toBe(damage);
  expect((await read(withhold(failing(new Error('EIO')), tell))).error).toMatchObject({ message: 'EIO' });
  expect(told).toEqual([damage]);
});

test('a reader that leaves frees custody', async () => {
  const source = Readable.from([randomBytes(10), randomBytes(10), randomBytes(10)], { objectMode: false });
  const stream = withhold({ ...parcel(Buffer.alloc(30)), open: () => source });
  await new Promise((resolve) => stream.once('data', resolve));
  stream.destroy();
  await new Promise((resolve) => source.once('close', resolve));
  expect(source.destroyed).toBe(true);
});
