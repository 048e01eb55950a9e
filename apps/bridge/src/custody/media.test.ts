import fc from 'fast-check';
import { mediaSamples } from '../../test/media-samples';
import { sniffMedia } from './media';

test.each(mediaSamples)('$what is $media', async ({ bytes, name = 'file.bin', media }) => {
  expect(await sniffMedia(bytes, name)).toBe(media);
});

test('a name makes no binary a text, and no text a binary', async () => {
  const png = mediaSamples.find(({ what }) => what === 'a PNG')!.bytes;
  expect(await sniffMedia(png, 'orders.csv')).toBe('image');
  expect(await sniffMedia(Buffer.from('just words\n'), 'setup.exe')).toBe('text');
});

test('no head, cut or altered anywhere, makes it throw', async () => {
  const heads = mediaSamples.map(({ bytes }) => bytes);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...heads),
      fc.nat(),
      fc.nat(),
      fc.uint8Array({ maxLength: 20 }),
      async (head, cut, at, junk) => {
        const bytes = Buffer.from(head.subarray(0, cut % (head.length + 1)));
        bytes.set(
          junk.subarray(0, Math.max(0, bytes.length - (at % (bytes.length + 1)))),
          at % (bytes.length + 1),
        );
        expect(typeof (await sniffMedia(bytes, 'x'))).toBe('string');
      },
    ),
    { numRuns: 500 },
  );
});

test.each(['<!--', '<?xml ', '<!DOCTYPE a [', '<'.repeat(9), 'ISA*', 'a,', '-----BEGIN PGP ', ' '])(
  '65 KB of %j take no time worth noting',
  async (piece) => {
    const started = performance.now();
    await sniffMedia(Buffer.from(piece.repeat(65_536 / piece.length)), 'x');
    expect(performance.now() - started).toBeLessThan(10_000);
  },
);
