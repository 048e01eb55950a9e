import fc from 'fast-check';
import { isTag, type AnyNode, type Element } from 'domhandler';
import { parseDocument } from 'htmlparser2';
import { createBlobStore } from '../src/blob-store';
import { MAX_MARKUP_BYTES } from '../src/scanner/engine/deep-cdr';
import { createEngine } from '../src/scanner/engine/inspect';
import { sanitizeMarkup } from '../src/scanner/engine/sanitize-markup';
import { sha256 } from './scanner-kit';

const store = createBlobStore();
afterAll(() => store.close());

async function inspect(content: string | Buffer, name: string, cdr = true) {
  const blob = await store.fromBytes(Buffer.from(content));
  const found = await createEngine({ store, cdr })(blob, name);
  const out = found.sanitized === undefined ? undefined : await found.sanitized.content.bytes();
  return { ...found, out };
}

const SVG = 'xmlns="http://www.w3.org/2000/svg"';

test('a script is taken out of an SVG: size and hash change, the picture stays', async () => {
  const source = `<svg ${SVG}><script>alert(1)</script><rect width="9" height="9"/></svg>`;
  const { verdict, out, reason, sha256: original, sanitized } = await inspect(source, 'logo.svg');
  expect(verdict).toBe('sanitized');
  expect(out?.toString()).toBe(`<svg ${SVG}><rect width="9" height="9"/></svg>`);
  expect(reason).toBe('removed script (1)');
  expect(original).toBe(sha256(Buffer.from(source)));
  expect(sanitized).toMatchObject({ size: out?.length, sha256: sha256(out ?? Buffer.alloc(0)) });
});

test.each([
  ['event handler', `<svg ${SVG} onload="x()"><g onClick='y()'/></svg>`, 'event handler (2)'],
  [
    'script URL',
    `<svg ${SVG}><a xlink:href=" jav&#x0a;ascript:alert(1)"><text>x</text></a></svg>`,
    'script URL (1)',
  ],
  [
    'HTML in a data URL',
    `<svg ${SVG}><a href="data:text/html,&lt;script&gt;"><g/></a></svg>`,
    'data URL (1)',
  ],
  ['foreign object', `<svg ${SVG}><foreignObject><p>x</p></foreignObject></svg>`, 'foreignobject (1)'],
  ['script by prefix', `<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:script/></s:svg>`, 'script (1)'],
  [
    'entities',
    `<!DOCTYPE svg [<!ENTITY x "<script>alert(1)</script>">]><svg ${SVG}>&x;</svg>`,
    'doctype (1)',
  ],
  [
    'outer entities',
    `<?xml version="1.0"?><!DOCTYPE svg SYSTEM "http://evil.invalid/x.dtd"><svg ${SVG}/>`,
    'doctype (1)',
  ],
  ['style sheet', `<?xml-stylesheet href="x.xsl"?><svg ${SVG}/>`, 'processing instruction (1)'],
  ['animated link', `<svg ${SVG}><a><set attributeName="xlink:href" to="x"/></a></svg>`, 'animated link (1)'],
])('SVG: %s', async (_, source, removed) => {
  const { verdict, reason, out } = await inspect(source, 'x.svg');
  expect(verdict).toBe('sanitized');
  expect(reason).toBe(`removed ${removed}`);
  expect(out?.toString()).not.toMatch(/script|onload|onclick|foreignobject|entity|doctype|stylesheet|<set/i);
});

test.each([
  ['script', '<!doctype html><p>a</p><script src="x.js"></script>', 'script (1)'],
  ['frame', '<html><iframe src="https://x.invalid"></iframe></html>', 'iframe (1)'],
  ['plug-ins', '<html><object data="a"></object><embed src="b"></html>', 'object (1), embed (1)'],
  ['handler', '<html><img src=x onerror=alert(1)></html>', 'event handler (1)'],
  ['refresh', '<html><meta http-equiv="Refresh" content="0;url=x"></html>', 'meta refresh (1)'],
  ['active style', '<html><p style="width: exp/**/ression(alert(1))">x</p></html>', 'active style (1)'],
])('HTML: %s', async (_, source, removed) => {
  const { verdict, reason } = await inspect(source, 'page.html');
  expect(verdict).toBe('sanitized');
  expect(reason).toBe(`removed ${removed}`);
});

test('what has nothing active keeps every byte', async () => {
  const clean = [
    [
      'a.svg',
      `<?xml version="1.0"?>\n<svg ${SVG}><!-- drawn by hand --><path d='M0 0'/><a href="https://x.invalid">ü</a></svg>\n`,
    ],
    ['b.html', '<!DOCTYPE html>\n<p>Guten Tag<br>&nbsp;<img src="data:image/png;base64,AAAA">'],
    ['c.xml', '<order><script>850</script></order>'],
    ['d.txt', 'write <script> to run'],
  ] as const;
  for (const [name, source] of clean) {
    await expect(inspect(source, name)).resolves.toMatchObject({ verdict: 'allowed', out: undefined });
  }
});

test('kind is told by content too, and other encodings are understood', async () => {
  const source = `<svg ${SVG}><script/></svg>`;
  await expect(inspect(source, 'picture.dat')).resolves.toMatchObject({ verdict: 'sanitized' });
  const utf16 = Buffer.from(`\uFEFF<?xml version="1.0" encoding="UTF-16"?>${source}`, 'utf16le');
  const { out } = await inspect(utf16, 'wide.svg');
  expect(out?.toString('utf8')).toBe(`<?xml version="1.0" encoding="utf-8"?><svg ${SVG}/>`);
  const latin = Buffer.from('<html>\xfcber<script></script></html>', 'latin1');
  await expect(inspect(latin, 'alt.html')).resolves.toMatchObject({ verdict: 'sanitized' });
});

test('with Deep CDR off nothing is changed', async () => {
  await expect(inspect(`<svg ${SVG}><script/></svg>`, 'a.svg', false)).resolves.toMatchObject({
    verdict: 'allowed',
  });
});

test('a document that cannot be sanitized is not let through', async () => {
  const deep = `<svg ${SVG}>${'<g>'.repeat(20_000)}`;
  const failed = { verdict: 'unscannable', failedAction: 'Sanitization Failed' };
  await expect(inspect(deep, 'deep.svg')).resolves.toMatchObject(failed);
  const large = Buffer.alloc(MAX_MARKUP_BYTES + 1, ' ');
  large.write(`<svg ${SVG}/>`);
  await expect(inspect(large, 'large.svg')).resolves.toMatchObject(failed);
});

test('no script element and no event handler survives, whatever is put together', () => {
  const piece = fc.constantFrom(
    '<script>',
    '</script>',
    '<SCRIPT ',
    '<svg:script/>',
    '<svg>',
    '</svg>',
    '<g onload=x>',
    '<img src=x onerror=y>',
    '<style>',
    '</style>',
    '<!--',
    '-->',
    '--!>',
    '<![CDATA[',
    ']]>',
    '<title>',
    '</title>',
    '<textarea>',
    '<noscript>',
    '</noscript>',
    '<p title="',
    '">',
    "'",
    '"',
    '<',
    '>',
    '&lt;script&gt;',
    '&#x3c;',
    '<xmp>',
    '<math><mtext>',
    '<desc>',
    '<foreignObject>',
    '<iframe srcdoc="',
    '<a href="javascript:',
    '<?xml version="1.0"?>',
    '<?x ',
    '?>',
    '<!DOCTYPE svg [',
    '<!ENTITY e "',
    ']>',
    'alert(1)',
    ' onclick=z ',
    '<template>',
    '/',
    ' ',
    '<plaintext>',
  );
  const document = fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join(''));
  let changed = 0;
  fc.assert(
    fc.property(document, fc.constantFrom('svg', 'html'), (body, kind) => {
      const source = kind === 'svg' ? `<svg>${body}</svg>` : `<html>${body}</html>`;
      let result: ReturnType<typeof sanitizeMarkup>;
      try {
        result = sanitizeMarkup(source, kind);
      } catch {
        return; // refused, which is safe
      }
      if (result !== undefined) changed += 1;
      const text = result?.text ?? source;
      // What was rebuilt has to be harmless by either reading; what was left alone, by that of its own kind.
      const modes = result === undefined ? [kind === 'svg' || source.startsWith('<?xml')] : [true, false];
      for (const xmlMode of modes) {
        for (const element of elements(parseDocument(text, { xmlMode }).children)) {
          expect(element.name.toLowerCase()).not.toMatch(/(?:^|:)(?:script|iframe|foreignobject)$/);
          for (const name of Object.keys(element.attribs)) expect(name).not.toMatch(/(?:^|:)on/i);
        }
      }
    }),
    { numRuns: 3000 },
  );
  expect(changed).toBeGreaterThan(500);
});

function elements(nodes: readonly AnyNode[]): Element[] {
  return nodes.flatMap((node) => {
    const below = 'children' in node ? elements(node.children) : [];
    return isTag(node) ? [node, ...below] : below;
  });
}
