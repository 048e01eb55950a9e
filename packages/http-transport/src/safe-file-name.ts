const maxBytes = 200;
const maxExtensionBytes = 20;

/** Devices of Windows: a share may be read there, whatever wrote it. */
const reserved = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(\.|$)/i;

/** Control characters, marks that turn the direction of text ("exe.fdp" read backwards), and invisible breaks. */
const invisible = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb]/gu;

/** Not allowed in names on Windows; the colon would open an alternate stream. */
const forbidden = /[<>:"|?*]/g;

/**
 * A name from outside as one that can be given to a file in any directory: the last part of a path, without control
 * and direction marks, leading dots, trailing dots and spaces, device names of Windows; at most 200 bytes of UTF-8 with
 * the extension kept; NFC. Letters of all scripts stay. Pure, and the same when done again.
 *
 * @example
 * safeFileName('../../etc/passwd'); // 'passwd'
 * safeFileName('C:\\in\\Bestellung Größe.xml'); // 'Bestellung Größe.xml'
 * safeFileName('..'); // 'unnamed'
 */
export function safeFileName(name: string): string {
  // Lone surrogates have no UTF-8: a file system would not give them back as they were.
  const whole = Buffer.from(name, 'utf8').toString('utf8').normalize('NFC');
  const last = whole.split(/[/\\]/).findLast((part) => part !== '') ?? '';
  const visible = last.replace(invisible, '').replace(forbidden, '_').normalize('NFC');
  const trimmed = trimDotsAndSpaces(visible);
  const free = reserved.test(trimmed) ? `_${trimmed}` : trimmed;
  const short = trimDotsAndSpaces(shorten(free));
  return short === '' ? 'unnamed' : short;
}

/** A name in two parts, for putting something in front of its extension: `['orders', '.edi']`. */
export function splitExtension(name: string): [stem: string, extension: string] {
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 ? name.slice(dot) : '';
  return extension.length > 1 && Buffer.byteLength(extension) <= maxExtensionBytes
    ? [name.slice(0, dot), extension]
    : [name, ''];
}

function shorten(name: string): string {
  if (Buffer.byteLength(name) <= maxBytes) return name;
  const [stem, extension] = splitExtension(name);
  let room = maxBytes - Buffer.byteLength(extension);
  let kept = '';
  for (const character of stem) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    kept += character;
  }
  return kept + extension;
}

/** By hand: a pattern that is anchored at the end takes quadratic time on a hostile row of dots. */
function trimDotsAndSpaces(name: string): string {
  const drop = (character: string): boolean => character === '.' || character.trim() === '';
  let start = 0;
  let end = name.length;
  while (start < end && drop(name.charAt(start))) start += 1;
  while (end > start && drop(name.charAt(end - 1))) end -= 1;
  return name.slice(start, end);
}
