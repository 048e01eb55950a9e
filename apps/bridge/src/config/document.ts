import type { Node, Pair } from 'yaml';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';

/** 1-based. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A YAML file with the place of everything in it. */
export interface LocatedDocument {
  /** Plain data; undefined where the file is no proper YAML. */
  readonly data: unknown;
  readonly faults: readonly (Place & { readonly text: string })[];
  /** The place of what a path leads to, or of the nearest thing around it that is there. */
  locate(path: readonly PropertyKey[], atKey?: boolean): Place;
}

/**
 * Own sentences for the parser's findings. The parser's quote the text, and what is quoted may be a password that
 * starts with one of the characters that have a meaning in YAML.
 */
const sentences: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key stands in the same map twice',
  BAD_INDENT: 'the indentation does not fit what is around it',
  TAB_AS_INDENT: 'found a tab as indentation, expected spaces',
  MISSING_CHAR: 'a closing quote, bracket or colon is missing',
  BLOCK_AS_IMPLICIT_KEY:
    'found a second "key: value" on the same line, expected a new line or quotes around the text',
  MULTILINE_IMPLICIT_KEY: 'found a text without a colon behind it, expected "key: value"',
  MULTIPLE_DOCS: 'found a second document (---), expected one',
  NON_STRING_KEY: 'expected a plain text as key',
  TAG_RESOLVE_FAILED: 'tags (!name) are not supported',
  BAD_SCALAR_START: 'a text must not begin with this character; put quotes around it',
  BAD_ALIAS: 'this is no proper alias; put quotes around a text that begins with *',
  UNEXPECTED_TOKEN: 'this does not belong here; a bracket, comma or quote before it may be missing',
  BAD_DQ_ESCAPE: 'unknown escape in a text with double quotes; single quotes take a backslash as it is',
};

/** Parses YAML 1.2. Never throws: what is wrong is in `faults`. */
export function parseLocated(source: string): LocatedDocument {
  const lines = new LineCounter();
  const document = parseDocument(source, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: true,
  });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const faults = [...document.errors, ...document.warnings].map(({ code, pos }) => ({
    ...placeAt(pos[0]),
    text: `not valid YAML: ${sentences[code] ?? `the parser reports ${code}`}`,
  }));
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document) !== undefined) return;
      const text =
        'not valid YAML: an alias (*) without its anchor (&); put quotes around a text that begins with *';
      faults.push({ ...placeAt(alias.range?.[0] ?? 0), text });
    },
  });
  return {
    faults,
    data: faults.length > 0 ? undefined : document.toJS({ maxAliasCount: 100 }),
    locate: (path, atKey = false) => {
      let node: Node | null = document.contents;
      let nearest = startOf(node) ?? 0;
      // Where something is missing: the name of what it is missing from.
      let owner = nearest;
      for (const [depth, key] of path.entries()) {
        const last = depth === path.length - 1;
        if (isAlias(node)) node = node.resolve(document) ?? null;
        if (isMap(node)) {
          const pair: Pair | undefined = node.items.find(
            ({ key: name }) => isScalar(name) && name.value === key,
          );
          if (pair === undefined) return placeAt(owner);
          node = (pair.value ?? null) as Node | null;
          const keyStart = startOf(pair.key as Node | null);
          nearest = (last && atKey ? keyStart : (startOf(node) ?? keyStart)) ?? nearest;
          owner = keyStart ?? nearest;
        } else if (isSeq(node) && typeof key === 'number') {
          node = (node.items[key] ?? null) as Node | null;
          nearest = startOf(node) ?? nearest;
          owner = nearest;
        } else break;
      }
      return placeAt(nearest);
    },
  };
}

function startOf(node: Node | null): number | undefined {
  return node?.range?.[0];
}
