/** The kinds of document whose active content Deep CDR knows how to take out. */
export type MarkupKind = 'svg' | 'html';

const BY_EXTENSION = new Map<string, MarkupKind>([
  ['svg', 'svg'],
  ['html', 'html'],
  ['htm', 'html'],
  ['xhtml', 'html'],
  ['xht', 'html'],
]);
const PROLOG = /^(?:\uFEFF|\s|<\?[^>]*\?>|<!--[\s\S]*?-->)+/;
const ROOT = /^<(?:!doctype\s+)?(?:[\w.-]+:)?(svg|html|head|body)\b/i;

/**
 * Tells whether a file is SVG or HTML: by its content, and by its name where the content does not say,
 * since a browser believes either.
 *
 * @param name - The file's name; only its extension counts.
 * @param head - The first characters of the file, decoded.
 * @example
 * markupKind('logo.dat', '<?xml version="1.0"?><svg xmlns="…">'); // 'svg'
 */
export function markupKind(name: string, head: string): MarkupKind | undefined {
  const root = ROOT.exec(head.replace(PROLOG, ''))?.[1]?.toLowerCase();
  if (root !== undefined) return root === 'svg' ? 'svg' : 'html';
  return BY_EXTENSION.get(/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '');
}
