/**
 * JSON in one single form: keys sorted by UTF-16 code units, no spaces, absent and `undefined` alike left out
 * (as RFC 8785 has it for the values that we store). Equal values give equal text, whatever built them.
 * @throws TypeError for what JSON cannot carry (NaN, functions, bigint): silently written as null it would
 *   hash like something else
 *
 * @example
 * canonicalJson({ b: 1, a: [true, null] }); // '{"a":[true,null],"b":1}'
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`a ${typeof value} that is no finite number has no canonical JSON`);
}
