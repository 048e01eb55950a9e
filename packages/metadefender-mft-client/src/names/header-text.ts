/**
 * How names travel in HTTP headers. The API does not document it.
 *
 * - `ascii` (default): printable ASCII as it is, anything else is refused before a request.
 * - `percent`: UTF-8, percent-encoded as `encodeURIComponent` does.
 * - `utf8-latin1`: the raw bytes of UTF-8, which many servers read back correctly.
 *
 * Try the latter two on a test system and compare `name` in the file's status before you rely on them.
 */
export type FileNameEncoding = 'ascii' | 'percent' | 'utf8-latin1';

/**
 * Why a text cannot travel in a header, or undefined if it can.
 *
 * @param what what to call it in the sentence, for example `file name`
 */
export function headerTextProblem(
  text: string,
  encoding: FileNameEncoding,
  what: string,
): string | undefined {
  // eslint-disable-next-line no-control-regex -- a line break in a header would end it
  if (/[\u0000-\u001f\u007f]/.test(text))
    return `The ${what} contains a control character, which no HTTP header can carry.`;
  if (/\p{Surrogate}/u.test(text)) return `The ${what} is not well-formed Unicode.`;
  if (encoding === 'percent') return undefined;
  if (text !== text.trim()) return `The ${what} begins or ends with a space, which HTTP drops.`;
  if (encoding === 'utf8-latin1' || /^[\u0020-\u007e]*$/.test(text)) return undefined;
  // How this server reads other letters in headers is not documented. Kept short: longer sentences are cut in errors.
  return `The ${what} is not printable ASCII: use asciiFileName(), or the client option fileNames.`;
}

/** Encodes a text that {@link headerTextProblem} had nothing against. */
export function headerText(text: string, encoding: FileNameEncoding): string {
  if (encoding === 'percent') return encodeURIComponent(text);
  if (encoding === 'utf8-latin1') return Buffer.from(text, 'utf8').toString('latin1');
  return text;
}
