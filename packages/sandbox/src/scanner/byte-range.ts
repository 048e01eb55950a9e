/**
 * Reads a `Range` header of one part. Whether the product answers ranges is not documented; where it does, this is
 * how HTTP says it (RFC 9110, 14.1.2). Several parts, and what is malformed, are ignored: the whole file is sent.
 *
 * @returns Positions with `end` exclusive; undefined for the whole.
 * @example
 * byteRange('bytes=10-19', 100); // { start: 10, end: 20 }
 */
export function byteRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= size) return 'unsatisfiable';
  return { start, end: last === '' ? size : Math.min(Number(last) + 1, size) };
}
