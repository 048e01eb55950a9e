const MOST_BYTES = 200;
const MOST_EXTENSION_BYTES = 20;

/** Devices of Windows: a directory may be read there, whatever wrote it. */
const reserved = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(\.|$)/i;
/** Control characters, marks that turn the direction of text ("exe.fdp" read backwards), and invisible breaks. */
const invisible = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb]/gu;
/** Not allowed in names on Windows; the colon would open an alternate stream. */
const forbidden = /[<>:"|?*]/g;

/**
 * A partner's name as one that a file may have in any directory: the last part of a path, visible characters only, without leading or
 * trailing dots and spaces, no device of Windows; at most 200 bytes of UTF-8 with the extension kept; NFC. Letters of all scripts
 * stay. Pure, and the same when done again.
 *
 * @example
 * safeFileName('../../etc/passwd'); // 'passwd'
 * safeFileName('..'); // 'unnamed'
 */
export function safeFileName(name: string): string {
  // Half a surrogate pair has no UTF-8: a file system would not give it back as it was.
  const whole = Buffer.from(name, 'utf8').toString('utf8').normalize('NFC');
  const last = whole.split(/[/\\]/).findLast((part) => part !== '') ?? '';
  const visible = last.replace(invisible, '').replace(forbidden, '_').normalize('NFC');
  const trimmed = trimEnds(visible);
  const short = trimEnds(shorten(reserved.test(trimmed) ? `_${trimmed}` : trimmed));
  return short === '' ? 'unnamed' : short;
}

function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MOST_BYTES) return name;
  const dot = name.lastIndexOf('.');
  const last = dot > 0 ? name.slice(dot) : '';
  const extension = Buffer.byteLength(last) <= MOST_EXTENSION_BYTES ? last : '';
  let room = MOST_BYTES - Buffer.byteLength(extension);
  let kept = '';
  for (const character of name.slice(0, name.length - extension.length)) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    kept += character;
  }
  return kept + extension;
}

/** By hand: a pattern that is anchored at the end takes quadratic time on a hostile row of dots. */
function trimEnds(name: string): string {
  const drop = (character: string): boolean => character === '.' || character.trim() === '';
  let start = 0;
  let end = name.length;
  while (start < end && drop(name.charAt(start))) start += 1;
  while (end > start && drop(name.charAt(end - 1))) end -= 1;
  return name.slice(start, end);
}
