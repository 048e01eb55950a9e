import { inspect } from 'node:util';

/** A secret whose text must not leave. Structural, so that this file knows no configuration. */
interface Revealable {
  reveal(): string;
}

/** Shorter texts would hit innocent words; the configuration refuses such secrets where it can. */
const shortest = 6;

/**
 * Makes a function that removes secrets from a finished line: the known ones by their text, and what looks like one
 * by its place (the query of a URL, since a pre-signed one is a key; credentials in a URL; a bearer token).
 * The last line of defence behind errors and fields that hold none.
 *
 * @example
 * const scrub = createScrubber([token]);
 * scrub('GET https://files.example/a?X-Amz-Signature=abc'); // 'GET https://files.example/a?[redacted]'
 */
export function createScrubber(secrets: readonly Revealable[]): (line: string) => string {
  const texts = secrets.map((secret) => secret.reveal()).filter((text) => text.length >= shortest);
  // As it stands, as inspect prints it, as a URL carries it, and each as JSON writes it.
  const forms = texts.flatMap((text) => [text, inspect(text).slice(1, -1), encodeURIComponent(text)]);
  const known = [...new Set(forms.flatMap((form) => [form, JSON.stringify(form).slice(1, -1)]))];
  // Longest first: one may be part of another.
  known.sort((a, b) => b.length - a.length);
  return (line) => {
    let clean = line;
    for (const text of known) if (clean.includes(text)) clean = clean.replaceAll(text, '[secret]');
    return clean
      .replace(/(\bhttps?:\/\/[^\s"'<>?\\]*)\?[^\s"'<>\\]*/gi, '$1?[redacted]')
      .replace(/(\bhttps?:\/\/)[^\s"'<>/\\@]+@/gi, '$1[redacted]@')
      .replace(/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}/g, '$1 [redacted]');
  };
}
