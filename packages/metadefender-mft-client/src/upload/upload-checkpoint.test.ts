import fc from 'fast-check';
import { parseCheckpoint } from './upload-checkpoint';
import type { UploadCheckpoint } from './upload-checkpoint';

const sha256 = fc.string({
  unit: fc.constantFrom(...Array.from('0123456789abcdef')),
  minLength: 64,
  maxLength: 64,
});
const file = fc
  .record({
    size: fc.nat(1000),
    chunkBytes: fc.integer({ min: 1, max: 400 }),
    closed: fc.boolean(),
    prefix: sha256,
  })
  .chain(({ size, chunkBytes, closed, prefix }) => {
    const chunks = Math.ceil(size / chunkBytes);
    return fc.integer({ min: 0, max: chunks }).chain((most) => {
      const contiguous = closed ? chunks : most;
      const later = [...Array(chunks).keys()].filter((index) => index > contiguous);
      return fc.subarray(later).map((ahead) => ({
        position: 0,
        fileId: 'f1',
        fileName: 'a.bin',
        size,
        chunkBytes,
        acknowledged: {
          contiguous,
          ...(contiguous === 0 ? {} : { sha256: prefix }),
          ahead: ahead.map((index) => ({ index, sha256: prefix })),
        },
        closed,
      }));
    });
  });
const good = (): UploadCheckpoint => ({
  version: 1,
  groupId: 'g1',
  files: [
    {
      position: 0,
      fileId: 'f1',
      fileName: 'a.bin',
      size: 100,
      chunkBytes: 10,
      acknowledged: { contiguous: 2, sha256: 'a'.repeat(64), ahead: [{ index: 4, sha256: 'b'.repeat(64) }] },
      closed: false,
    },
  ],
});

test('every checkpoint survives being stored as JSON', () => {
  fc.assert(
    fc.property(file, (one) => {
      const checkpoint = { version: 1 as const, groupId: 'g1', files: [one] };
      expect(parseCheckpoint(JSON.parse(JSON.stringify(checkpoint)))).toEqual(checkpoint);
    }),
  );
});

type Change = (checkpoint: ReturnType<typeof mutable>) => unknown;
const mutable = () =>
  JSON.parse(JSON.stringify(good())) as {
    version: number;
    groupId: string;
    files: {
      size: number;
      closed: boolean;
      fileId: string;
      position: number;
      acknowledged: { contiguous: number; sha256?: string; ahead: { index: number; sha256: string }[] };
    }[];
  };
test.each<[string, Change]>([
  ['another version', (one) => (one.version = 2)],
  ['no file', (one) => (one.files = [])],
  ['a file twice', (one) => one.files.push(one.files[0]!)],
  ['an id that is a path', (one) => (one.groupId = '../x')],
  ['a field more', (one) => Object.assign(one, { more: 1 })],
  ['more chunks than there are', (one) => (one.files[0]!.acknowledged.contiguous = 11)],
  ['chunks without their hash', (one) => delete one.files[0]!.acknowledged.sha256],
  ['a hash without chunks', (one) => (one.files[0]!.acknowledged.contiguous = 0)],
  ['a chunk ahead that is none', (one) => (one.files[0]!.acknowledged.ahead[0]!.index = 1)],
  ['the next chunk as one ahead', (one) => (one.files[0]!.acknowledged.ahead[0]!.index = 2)],
  ['a chunk beyond the end', (one) => (one.files[0]!.acknowledged.ahead[0]!.index = 10)],
  ['a chunk twice', (one) => one.files[0]!.acknowledged.ahead.push(one.files[0]!.acknowledged.ahead[0]!)],
  ['closed with a hole', (one) => (one.files[0]!.closed = true)],
  ['a hash that is none', (one) => (one.files[0]!.acknowledged.sha256 = 'x')],
])('%s is refused', (_, change) => {
  const checkpoint = mutable();
  change(checkpoint);
  expect(() => parseCheckpoint(checkpoint)).toThrow('no checkpoint');
});

test.each([undefined, null, 1, 'x', [], {}])('%j is refused', (value) => {
  expect(() => parseCheckpoint(value)).toThrow('no checkpoint');
});
