import { parseLossless } from './parse-lossless';

export interface ParsedBody {
  /** JSON, text, or undefined for an empty body. */
  readonly value: unknown;
  /** It says that it is JSON, and is not. */
  readonly broken: boolean;
}

/**
 * JSON where the server says so or the text looks like it: some servers label JSON as text. An empty body is
 * undefined, whatever its label. Integers beyond 2^53 are strings.
 */
export function parseBody(bytes: Buffer, contentType: string | undefined): ParsedBody {
  if (bytes.length === 0) return { value: undefined, broken: false };
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  if (text.trim() === '') return { value: undefined, broken: false };
  const declared = /[/+]json\b/i.test(contentType ?? '');
  if (!declared && !/^\s*[[{"]/.test(text)) return { value: text, broken: false };
  try {
    return { value: parseLossless(text), broken: false };
  } catch {
    return { value: text, broken: declared };
  }
}
