/** Characters that a header value can carry as they are: printable ASCII and Latin-1. */
const HEADER_TEXT = /^[\x20-\x7e\xa0-\xff]*$/;
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
// C0, DEL and C1. CR and LF would end the header; the rest the HTTP library strips without a word, so that the
// partner would get another name than the one given.
const CONTROL = /[\p{Cc}\p{Surrogate}]/u;

/** True for text of printable ASCII without spaces at its ends (HTTP trims them). */
export function isPlainHeaderText(text: string): boolean {
  return PRINTABLE_ASCII.test(text) && text.trim() === text;
}

/** Why the text cannot stand in a header as it is, or undefined when it can. */
export function headerTextProblem(text: string): string | undefined {
  const control = controlProblem(text);
  if (control !== undefined) return control;
  if (!HEADER_TEXT.test(text)) return 'has characters outside Latin-1, which an HTTP header cannot carry';
  if (text.trim() !== text) return 'begins or ends with a space, which HTTP would cut off';
  return undefined;
}

/** Why the text can stand in no header and no part of a body, or undefined when it can. */
export function controlProblem(text: string): string | undefined {
  if (/[\r\n]/.test(text)) return 'has a line break';
  if (CONTROL.test(text)) return 'has a control character or half a surrogate pair';
  return undefined;
}

/** The text as RFC 2047 encoded words of at most 75 characters, for receivers that decode them. */
export function encodeWords(text: string): string {
  const words: string[] = [];
  let piece = '';
  for (const character of text) {
    // 45 bytes make 60 characters of base64; with `=?UTF-8?B?` and `?=` that is 72.
    if (Buffer.byteLength(piece + character) > 45) {
      words.push(piece);
      piece = '';
    }
    piece += character;
  }
  words.push(piece);
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join(' ');
}
