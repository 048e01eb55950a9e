/**
 * Control characters, and the invisible ones that turn the direction of what follows: a partner chooses file names and subjects, and
 * must not move the cursor, hide rows or write a title into the terminal of whoever looks.
 */
const unsafe = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * The text as it may stand in a terminal; what may not is written as `\u{1b}`. Pure.
 *
 * @example
 * terminalText('a\u001b[2Jb'); // 'a\\u{1b}[2Jb'
 */
export function terminalText(text: string): string {
  return text.replace(unsafe, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** As {@link terminalText} for text of several lines: line breaks and tabs stay. */
export function terminalLines(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.split('\t').map(terminalText).join('\t'))
    .join('\n');
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const none = /\p{Mn}|\p{Me}|\u200d|\ufe0f/u;

/** How many columns a text without escapes takes. Pure. */
export function terminalWidth(text: string): number {
  let width = 0;
  for (const character of text) width += none.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return width;
}

/** At most `width` columns, with `…` where something was cut off. Pure. */
export function cutToWidth(text: string, width: number): string {
  if (terminalWidth(text) <= width) return text;
  let cut = '';
  let used = 0;
  for (const character of text) {
    used += terminalWidth(character);
    if (used > width - 1) break;
    cut += character;
  }
  return `${cut}…`;
}
