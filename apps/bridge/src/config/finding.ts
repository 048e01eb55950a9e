import type { z } from 'zod';
import { suggest } from './suggestion';

/** Something wrong at a path of the document; its line is looked up later. */
export interface Finding {
  readonly path: readonly PropertyKey[];
  /** The path names a key that should not be there: the place is the key's, not the value's. */
  readonly atKey?: boolean;
  readonly text: string;
}

/** Values below these keys are, or may by mistake be, a secret: they are never repeated. */
const hidden = /^(?:auth|token|proxy|tokenId|tokenSecret|username|password|apiKey|env|file)$/;

/** What a schema's issue says, with what was found in the document. Pure. */
export function describeIssue(issue: z.core.$ZodIssue, document: unknown): Finding[] {
  const { path, code } = issue;
  const found = describeValue(valueAt(document, path), isHidden(path));
  switch (code) {
    case 'unrecognized_keys':
      // The section's own message is the list of its keys.
      return issue.keys.map((key) => unknownKey(path, key, issue.message.split(' ')));
    case 'invalid_key':
      return [
        {
          path,
          atKey: true,
          text: 'expected a name of letters, digits, ".", "_" and "-" that starts with a letter or digit',
        },
      ];
    case 'too_small':
      return [{ path, text: 'found an empty list, expected at least one entry' }];
    case 'invalid_union':
      return [{ path, text: `found ${found}, expected one of as2, folder` }];
    case 'invalid_type':
      return [
        {
          path,
          text: `found ${found}, expected ${issue.expected === 'array' ? 'a list' : 'a map of keys and values'}`,
        },
      ];
    case 'custom':
      if (issue.params?.['sentence'] === true) return [{ path, text: issue.message }];
      return [{ path, text: `found ${found}, expected ${issue.message}` }];
    default:
      return [{ path, text: `found ${found}, which does not fit here` }];
  }
}

function unknownKey(path: readonly PropertyKey[], key: string, known: readonly string[]): Finding {
  const near = suggest(key, known);
  const at = { path: [...path, key], atKey: true };
  if (near !== undefined) return { ...at, text: `unknown key; did you mean "${near}"?` };
  const text = `unknown key; expected one of ${known.join(', ')}`;
  // `auth: { s3cr3t }` is a map whose key is the secret.
  return isHidden(path) ? { path, text } : { ...at, text };
}

function isHidden(path: readonly PropertyKey[]): boolean {
  return path.some((key) => hidden.test(String(key)));
}

function describeValue(value: unknown, secret: boolean): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (secret) return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
  const text =
    typeof value === 'string' ? value.replace(/\/\/[^/@\s]*@/, '//...@').replace(/\?.*$/, '?...') : value;
  const shown = JSON.stringify(text);
  return shown.length > 60 ? `${shown.slice(0, 57)}..."` : shown;
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = document;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
