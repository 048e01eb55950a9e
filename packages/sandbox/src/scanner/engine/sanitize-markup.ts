import render from 'dom-serializer';
import {
  hasChildren,
  isCDATA,
  isComment,
  isDirective,
  isTag,
  isText,
  Text,
  type ChildNode,
  type Element,
  type ParentNode,
} from 'domhandler';
import { parseDocument } from 'htmlparser2';
import { activeAttribute, activeElement, activeStyle, localName } from './active-content';
import { cutDoctype } from './doctype';
import type { MarkupKind } from './markup-kind';

/** What was taken out, counted by name, as `{ script: 1, 'event handler': 2 }`. */
export type Removed = Readonly<Record<string, number>>;

interface Cleaning {
  readonly counts: Record<string, number>;
}

// As deep as libxml goes by default; the serializer recurses and would end with a stack overflow far beyond.
const MAX_DEPTH = 256;
/** Their text leaves the serializer as it is, so that markup hidden in it would come alive. */
const RAW_TEXT = new Set(['xmp', 'noembed', 'noframes', 'plaintext']);

/**
 * Takes the active content out of an SVG or HTML document: scripts, event handlers, script and document URLs,
 * foreign objects, frames and plug-ins, document type declarations with entities. The document is parsed and
 * built anew; what was built is parsed again, as XML and as HTML, and must show nothing active either way.
 *
 * @returns The new text and what was removed; undefined if there is nothing to remove.
 * @throws Error if the document is nested too deep, or still active after it was built anew.
 * @example
 * sanitizeMarkup('<svg><script>alert(1)</script></svg>', 'svg'); // { text: '<svg/>', removed: { script: 1 } }
 */
export function sanitizeMarkup(
  text: string,
  kind: MarkupKind,
): { text: string; removed: Removed } | undefined {
  // XHTML is HTML by its words and XML by its rules.
  const xml = kind === 'svg' || /^\uFEFF?\s*<\?xml\b/.test(text);
  const { text: body, cut } = cutDoctype(text, !xml);
  const first = cleaned(body, xml);
  if (cut) first.counts['doctype'] = 1;
  if (Object.keys(first.counts).length === 0) return undefined;
  if (isActive(first.text)) throw new Error('The document is still active after it was built anew.');
  return { text: first.text, removed: first.counts };
}

function isActive(text: string): boolean {
  return [true, false].some((xml) => Object.keys(cleaned(text, xml).counts).length > 0);
}

function cleaned(text: string, xml: boolean): { text: string; counts: Record<string, number> } {
  const document = parseDocument(text, { xmlMode: xml, decodeEntities: true });
  const cleaning: Cleaning = { counts: {} };
  document.children = cleanAll(document.children, cleaning, 0);
  return { text: render(document, { xmlMode: xml }), counts: cleaning.counts };
}

function cleanAll(nodes: readonly ChildNode[], cleaning: Cleaning, depth: number): ChildNode[] {
  if (depth > MAX_DEPTH) throw new Error(`The document is nested deeper than ${MAX_DEPTH} levels.`);
  return nodes.flatMap((node) => cleanOne(node, cleaning, depth));
}

/** What takes the place of a node: itself, nothing, or what was in it. */
function cleanOne(node: ChildNode, cleaning: Cleaning, depth: number): ChildNode[] {
  const remove = (what: string): [] => {
    cleaning.counts[what] = (cleaning.counts[what] ?? 0) + 1;
    return [];
  };
  // Old browsers run what stands in a conditional comment. The other comments carry nothing that is needed.
  if (isComment(node)) return /^\s*\[if\b/i.test(node.data) ? remove('conditional comment') : [];
  // As text it is escaped: in HTML, CDATA would be a comment that ends at the first `>`.
  if (isCDATA(node)) return [new Text(textOf(node))];
  if (isDirective(node)) {
    if (/^\?xml(?:\s|$)/i.test(node.data) || /^!doctype\b/i.test(node.data)) return [node];
    return remove(node.data.startsWith('?') ? 'processing instruction' : 'declaration');
  }
  return isTag(node) ? cleanElement(node, remove, cleaning, depth) : [node];
}

function cleanElement(
  element: Element,
  remove: (what: string) => [],
  cleaning: Cleaning,
  depth: number,
): ChildNode[] {
  const active = activeElement(element.name, element.attribs);
  if (active !== undefined) return remove(active);
  const local = localName(element.name);
  if (local === 'style' && activeStyle(textOf(element))) return remove('active style');
  for (const [name, value] of Object.entries(element.attribs)) {
    const what = activeAttribute(name, value);
    if (what !== undefined) remove(what);
    // A name with such a character was no name: built anew, it could be read as something else.
    if (what !== undefined || /["'<>/=\s]/.test(name)) Reflect.deleteProperty(element.attribs, name);
  }
  element.children = cleanAll(element.children, cleaning, depth + 1);
  for (const child of element.children) child.parent = element;
  if (RAW_TEXT.has(local)) return [];
  // Without scripts its content is what is shown; inside it, text would not be escaped.
  return local === 'noscript' ? element.children : [element];
}

function textOf(node: ParentNode): string {
  return node.children
    .map((child) => (isText(child) ? child.data : hasChildren(child) ? textOf(child) : ''))
    .join('');
}
