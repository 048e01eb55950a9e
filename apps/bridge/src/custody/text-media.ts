import type { Media } from '../domain/media';

/**
 * The kind of a head that is text, or null where it is binary. Light on purpose: it decides how a file may be treated
 * when the scanner changed it, and not whether it is good.
 */
export function sniffTextMedia(head: Buffer, name: string): Media | null {
  const text = decodeText(head);
  if (text === null) return null;
  const start = text.trimStart();
  if (isEdi(start)) return 'edi';
  if (isSigned(start)) return 'signed';
  const markup = sniffMarkup(start);
  if (markup !== null) return markup;
  if (isJson(start)) return 'json';
  return isCsv(start, /\.(csv|tsv)$/i.test(name)) ? 'csv' : 'text';
}

/** Text has no control characters but white space, SUB and ESC, and the separators 0x1C to 0x1F, which EDI uses. */
function decodeText(head: Buffer): string | null {
  if (head.length === 0) return null;
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le').decode(head);
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder('utf-16be').decode(head);
  const isText = head.every((byte) => (byte >= 0x1a && byte !== 0x7f) || (byte >= 9 && byte <= 13));
  // Latin-1 is enough: all that is looked for is ASCII. A UTF-8 mark would hide it.
  return isText ? head.toString('latin1').replace(/^\u00ef\u00bb\u00bf/, '') : null;
}

function isEdi(text: string): boolean {
  // X12: ISA has fixed widths, so its separator stands at 3 and again at 6. EDIFACT: UNB, or UNA with six characters.
  // TRADACOMS: STX=ANA.
  return (
    /^ISA([^A-Za-z0-9\s])..\1/.test(text) ||
    /^UNB[^A-Za-z0-9\s]UNO[A-Z]/.test(text) ||
    /^UNA[\s\S]{6}\s{0,4}UN[BGH]/.test(text) ||
    /^STX=ANA[A-Z]?:/.test(text)
  );
}

function isSigned(text: string): boolean {
  if (/^-----BEGIN (PKCS7|CMS|PGP [A-Z ]{1,20})-----/.test(text)) return true;
  const headers = /^[\s\S]{0,4096}?(?=\r?\n\r?\n|$)/.exec(text)?.[0] ?? '';
  return (
    /^[A-Za-z][A-Za-z0-9-]{1,40}:/.test(headers) &&
    /^content-type:\s{0,20}(multipart\/signed|application\/(x-)?pkcs7-(mime|signature))/im.test(headers)
  );
}

/** SVG counts as an image, HTML as a document: by the root element, behind prolog, comments and document type. */
function sniffMarkup(text: string): Media | null {
  if (!text.startsWith('<')) return null;
  let at = 0;
  let isXml = false;
  for (;;) {
    const rest = text.slice(at, at + 40);
    const closer = rest.startsWith('<!--') ? '-->' : rest.startsWith('<?') ? '?>' : undefined;
    if (/^<!doctype\s+html/i.test(rest)) return 'document';
    isXml ||= rest.startsWith('<?xml');
    let end: number;
    if (closer !== undefined) end = text.indexOf(closer, at);
    else if (/^<!doctype/i.test(rest)) end = endOfDoctype(text, at);
    else break;
    if (end === -1) return isXml ? 'xml' : null;
    at = end + (closer?.length ?? 1);
    while (/\s/.test(text.charAt(at))) at += 1;
  }
  const root = /^<(?:[\w.-]{1,60}:)?([A-Za-z_][\w.-]{0,100})(?=[\s/>])/.exec(text.slice(at, at + 200))?.[1];
  if (root === undefined) return isXml ? 'xml' : null;
  if (/^svg$/i.test(root)) return 'image';
  return /^html$/i.test(root) || (!isXml && htmlFragment.test(root)) ? 'document' : 'xml';
}

/** Elements that pages without an html element begin with. */
const htmlFragment = /^(head|body|script|title|meta|table|div|p|iframe|style|link)$/i;

function endOfDoctype(text: string, at: number): number {
  const close = text.indexOf('>', at);
  const subset = text.indexOf('[', at);
  if (subset === -1 || subset > close) return close;
  const end = text.indexOf(']', subset);
  return end === -1 ? -1 : text.indexOf('>', end);
}

function isJson(text: string): boolean {
  return /^(\{\s*("|\})|\[\s*("|[[{\]\d-]|true\b|false\b|null\b))/.test(text);
}

/** Rows of one length: at least two of them with two separators or more, or, by name, a single row will do. */
function isCsv(text: string, isNamedCsv: boolean): boolean {
  if (isNamedCsv) return true;
  // The last line may be cut off by the end of the head.
  const lines = text.split(/\r\n|\r|\n/, 21).filter((line) => line !== '');
  const rows = lines.length > 2 ? lines.slice(0, -1) : lines;
  if (rows.length < 2) return false;
  return [',', ';', '\t', '|'].some((separator) => {
    const counts = new Set(rows.map((row) => countOutsideQuotes(row, separator)));
    return counts.size === 1 && !counts.has(0) && !counts.has(1);
  });
}

function countOutsideQuotes(row: string, separator: string): number {
  let count = 0;
  let quoted = false;
  for (const character of row) {
    if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) count += 1;
  }
  return count;
}
