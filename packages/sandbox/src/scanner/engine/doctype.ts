/**
 * Cuts the document type declaration out of a document. An internal subset may define entities that turn into
 * markup, an external one is fetched by XML parsers: both are active content. A parser for HTML would end the
 * declaration at the first `>`, which is why this is done on the text, before parsing.
 *
 * @param text - The document.
 * @param keepPlain - Keep a declaration without internal subset, as each HTML file has one.
 * @returns The text without the declaration, and whether one was cut.
 * @example
 * cutDoctype('<!DOCTYPE svg [<!ENTITY x "y">]><svg/>', false); // { text: '<svg/>', cut: true }
 */
export function cutDoctype(text: string, keepPlain: boolean): { text: string; cut: boolean } {
  const start = doctypeStart(text);
  if (start === undefined) return { text, cut: false };
  const { end, subset } = doctypeEnd(text, start);
  if (keepPlain && !subset) return { text, cut: false };
  return { text: text.slice(0, start) + text.slice(end), cut: true };
}

/** A declaration stands in the prolog only: behind white space, comments and processing instructions. */
function doctypeStart(text: string): number | undefined {
  const skip = /\uFEFF|\s+|<\?[\s\S]*?\?>|<!--[\s\S]*?-->/y;
  let at = 0;
  for (;;) {
    skip.lastIndex = at;
    if (!skip.test(text)) break;
    at = skip.lastIndex;
  }
  return /^<!doctype\b/i.test(text.slice(at, at + 10)) ? at : undefined;
}

function doctypeEnd(text: string, start: number): { end: number; subset: boolean } {
  // Quoted strings and comments may hold brackets that mean nothing.
  const token = /"[^"]*"|'[^']*'|<!--[\s\S]*?-->|[[\]>]/g;
  token.lastIndex = start;
  let depth = 0;
  let subset = false;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (match[0] === '[') {
      depth += 1;
      subset = true;
    } else if (match[0] === ']') {
      depth -= 1;
    } else if (match[0] === '>' && depth <= 0) {
      return { end: token.lastIndex, subset };
    }
  }
  return { end: text.length, subset };
}
