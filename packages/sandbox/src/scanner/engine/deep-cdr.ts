import type { Blob } from '../../blob-store';
import { markupKind } from './markup-kind';
import { sanitizeMarkup } from './sanitize-markup';
import { decodeText } from './text-encoding';

/** What Deep CDR made of a file. */
export type CdrOutcome =
  | { readonly kind: 'nothing-to-do' }
  | { readonly kind: 'sanitized'; readonly bytes: Buffer; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * Markup is built anew in memory, at about ten times its size. Larger documents are not sanitized, and since
 * they may be active they are not let through either.
 */
export const MAX_MARKUP_BYTES = 8 * 1024 * 1024;

/**
 * Removes active content from SVG and HTML. Other kinds, and documents in which there is nothing to remove, are
 * left alone: they keep every byte.
 *
 * @param content - The uploaded file.
 * @param head - Its first bytes (see `scanPass`).
 * @example
 * const outcome = await deepCdr(blob, 'logo.svg', pass.head);
 */
export async function deepCdr(content: Blob, name: string, head: Buffer): Promise<CdrOutcome> {
  const kind = markupKind(name, decodeText(head).text);
  if (kind === undefined) return { kind: 'nothing-to-do' };
  if (content.size > MAX_MARKUP_BYTES) {
    return {
      kind: 'failed',
      reason: `${kind.toUpperCase()} larger than ${MAX_MARKUP_BYTES} bytes is not sanitized`,
    };
  }
  const { text, encode } = decodeText(await content.bytes());
  try {
    const result = sanitizeMarkup(text, kind);
    if (result === undefined) return { kind: 'nothing-to-do' };
    const removed = Object.entries(result.removed).map(([what, count]) => `${what} (${count})`);
    return { kind: 'sanitized', bytes: encode(result.text), reason: `removed ${removed.join(', ')}` };
  } catch (error) {
    return {
      kind: 'failed',
      reason: error instanceof Error ? error.message : 'The document cannot be rebuilt.',
    };
  }
}
