import { formatByteSize, parseByteSize } from './byte-size';

test.each([
  ['4MB', 4_000_000],
  ['4MiB', 4_194_304],
  ['512KB', 512_000],
  ['512kb', 512_000],
  ['1.5GB', 1_500_000_000],
  ['2 TiB', 2_199_023_255_552],
  ['10B', 10],
  [4096, 4096],
  [0, 0],
])('%p is %d bytes', (value, bytes) => {
  expect(parseByteSize(value)).toBe(bytes);
});

test.each(['4', '4M', 'MB', '-4MB', '4 megabytes', '999999999999TB', -1, 1.5, NaN, null, true])(
  '%p is none',
  (value) => {
    expect(parseByteSize(value)).toBeUndefined();
  },
);

test('is written in decimal units', () => {
  expect([0, 999, 1_000, 4_194_304, 10_737_418_240].map(formatByteSize)).toEqual([
    '0 B',
    '999 B',
    '1 KB',
    '4.2 MB',
    '10.7 GB',
  ]);
});
