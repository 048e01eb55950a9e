/** Letters that Unicode does not decompose into a base letter and marks. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  ẞ: 'SS',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  Ð: 'D',
  þ: 'th',
  Þ: 'Th',
  ł: 'l',
  Ł: 'L',
  ı: 'i',
  ħ: 'h',
  Ħ: 'H',
  '‘': "'",
  '’': "'",
  '“': '_',
  '”': '_',
  '–': '-',
  '—': '-',
  '…': '...',
};
const MAX_LENGTH = 255;

/**
 * Makes a name of printable ASCII out of any name: accents go, a few letters are spelled out, and what has no counterpart, like
 * path separators and characters that Windows forbids, becomes `_`. The extension stays. Two names may become one: add something
 * unique where that matters.
 *
 * @returns 1 to 255 characters
 * @example
 * asciiFileName('Müller Übersicht.pdf'); // 'Muller Ubersicht.pdf'
 */
export function asciiFileName(name: string): string {
  const plain = Array.from(
    name.normalize('NFKD').replaceAll(/\p{M}+/gu, ''),
    (letter) => LETTERS[letter] ?? letter,
  )
    .join('')
    .replaceAll(/[^\u0020-\u007e]+|[/\\:*?"<>|]+/g, '_')
    .trim();
  const extension = /\.[A-Za-z0-9]{1,15}$/.exec(plain)?.[0] ?? '';
  const stem = plain.slice(0, plain.length - extension.length).slice(0, MAX_LENGTH - extension.length);
  return `${/[^._ ]/.test(stem) ? stem : 'file'}${extension}`;
}
