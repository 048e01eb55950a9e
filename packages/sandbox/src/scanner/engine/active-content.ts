/** Elements that run code, load other documents or bring foreign markup; compared by local name, in lower case. */
const ACTIVE_ELEMENTS = new Set([
  'script',
  'foreignobject',
  'iframe',
  'frame',
  'frameset',
  'portal',
  'embed',
  'object',
  'applet',
  // SVG Tiny 1.2 runs code through these two.
  'handler',
  'listener',
]);
const ANIMATIONS = new Set(['set', 'animate', 'animatemotion', 'animatetransform', 'animatecolor']);
/** What a `data:` URL may carry without being able to run: pictures, sound, fonts, plain text. */
const HARMLESS_DATA =
  /^data:(?:image\/(?!svg)[\w.+-]+|font\/|application\/(?:x-)?font|audio\/|video\/|text\/(?:plain|css))/;
const ACTIVE_STYLE = /(?:java|vb)script:|expression\(|-moz-binding|behavior:/;

/** The part of a name behind a namespace prefix, in lower case: `svg:script` is a script. */
export function localName(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1).toLowerCase();
}

/**
 * Names what makes an element active, or nothing.
 *
 * @example
 * activeElement('svg:script', {}); // 'script'
 */
export function activeElement(
  name: string,
  attributes: Readonly<Record<string, string>>,
): string | undefined {
  const local = localName(name);
  if (ACTIVE_ELEMENTS.has(local)) return local;
  const attribute = (wanted: string): string =>
    Object.entries(attributes)
      .find(([key]) => localName(key) === wanted)?.[1]
      .trim()
      .toLowerCase() ?? '';
  // An animation writes an attribute when the document is open, behind the back of any check of attributes.
  if (ANIMATIONS.has(local) && /^(?:[\w-]+:)?(?:href|on\w*)$/.test(attribute('attributename')))
    return 'animated link';
  if (local === 'meta' && attribute('http-equiv') === 'refresh') return 'meta refresh';
  if (local === 'link' && attribute('rel') === 'import') return 'link import';
  return undefined;
}

/**
 * Names what makes an attribute active, or nothing.
 *
 * @example
 * activeAttribute('xlink:href', ' java\nscript:alert(1)'); // 'script URL'
 */
export function activeAttribute(name: string, value: string): string | undefined {
  const local = localName(name);
  if (local.startsWith('on')) return 'event handler';
  if (local === 'srcdoc') return 'srcdoc';
  // Browsers ignore white space and control characters inside a scheme.
  // eslint-disable-next-line no-control-regex
  const dense = value.replace(/[\u0000-\u0020\u007f-\u00a0\u200b\u2028\u2029\ufeff]/g, '').toLowerCase();
  if (local === 'style') return activeStyle(value) ? 'active style' : undefined;
  // `values` of an animation and `srcset` hold lists.
  for (const part of [dense, ...dense.split(/[;,]/)]) {
    if (/^(?:java|vb|live)script:/.test(part)) return 'script URL';
    if (part.startsWith('data:') && !HARMLESS_DATA.test(part)) return 'data URL';
  }
  return undefined;
}

/** Whether a style sheet or a `style` attribute can run code in some browser. */
export function activeStyle(css: string): boolean {
  // CSS may hide letters behind comments and backslashes.
  const plain = css
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\\([0-9a-f]{1,6})\s?/gi, (_, hex: string) =>
      String.fromCodePoint(Math.min(parseInt(hex, 16), 0x10ffff)),
    )
    .replace(/[\s\\]/g, '')
    .toLowerCase();
  return ACTIVE_STYLE.test(plain);
}
