import { resolve } from 'node:path';
import { z } from 'zod';
import { formatByteSize, parseByteSize } from './byte-size';
import { formatDuration, parseDuration } from './duration';

/**
 * A field that is read by a function. Where it answers undefined, `expected` finishes the sentence
 * "found x, expected ...".
 */
export function field<T>(expected: string, read: (value: unknown) => T | undefined) {
  return z.unknown().transform((value, context): T => {
    const result = read(value);
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
}

/** An issue whose text is a whole sentence, to be shown without "found x, expected". */
export function sentence(message: string, path: PropertyKey[] = []) {
  return { code: 'custom' as const, message, path, params: { sentence: true } };
}

/** A map with these keys and no other. The message of an unknown key lists the known ones for the suggestion. */
export function section<const T extends z.core.$ZodLooseShape>(shape: T) {
  const known = Object.keys(shape).join(' ');
  return z.strictObject(shape, { error: ({ code }) => (code === 'unrecognized_keys' ? known : undefined) });
}

/**
 * Reads an absent section as an empty one, and one whose keys are all commented out as well, so that each required
 * key in it is named by itself.
 */
export function orEmpty<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => value ?? {}, schema);
}

export const text = field('a text', (value) =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined,
);

export const flag = field('true or false', (value) => (typeof value === 'boolean' ? value : undefined));

export function wholeNumber(min: number, max: number) {
  const expected = `a whole number between ${String(min)} and ${String(max)}`;
  return field(expected, (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined,
  );
}

/** Becomes milliseconds. */
export function duration(min: string, max: string) {
  const [least = 0, most = 0] = [parseDuration(min), parseDuration(max)];
  const expected = `a duration between ${formatDuration(least)} and ${formatDuration(most)}, such as 500ms, 30s, 5m, 24h or 7d`;
  return field(expected, (value) => {
    const ms = parseDuration(value);
    return ms !== undefined && ms >= least && ms <= most ? ms : undefined;
  });
}

/** Becomes bytes. */
export function byteSize(min = 0) {
  const least = min === 0 ? '' : ` of at least ${formatByteSize(min)}`;
  return field(`a size${least}, such as 512KB, 4MB or 1GiB`, (value) => {
    const bytes = parseByteSize(value);
    return bytes !== undefined && bytes >= min ? bytes : undefined;
  });
}

export function oneOf<const T extends string>(words: readonly T[]) {
  return field(`one of ${words.join(', ')}`, (value) => words.find((word) => word === value));
}

/** Becomes an absolute path; relative ones start at `directory`. */
export function path(directory: string) {
  return field('a path', (value) =>
    typeof value === 'string' && value.trim() !== '' && !value.includes('\0')
      ? resolve(directory, value.trim())
      : undefined,
  );
}

/** Becomes epoch milliseconds. A time without a zone is refused: it would mean another instant on each machine. */
export const instant = field(
  'a date such as 2026-01-31 (its start in UTC) or 2026-01-31T08:00:00Z',
  (value) => {
    if (typeof value !== 'string') return undefined;
    const match = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/.exec(
      value.trim(),
    );
    const date = match?.[1];
    if (date === undefined) return undefined;
    // Date rolls over: it would take 2026-02-30 for the 2nd of March.
    const day = new Date(`${date}T00:00:00Z`);
    if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== date) return undefined;
    const ms = Date.parse(value.trim());
    return Number.isNaN(ms) ? undefined : ms;
  },
);

/** Becomes the URL without a slash at its end. */
export const baseUrl = field('an http(s) URL without credentials, query or fragment', (value) => {
  if (typeof value !== 'string' || !URL.canParse(value.trim())) return undefined;
  const url = new URL(value.trim());
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!plain || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined;
  return url.href.replace(/\/+$/, '');
});

export const hostPattern = field('a host name, or *. and a domain of at least two parts', (value) =>
  typeof value === 'string' &&
  /^(?:\*\.(?=[^.]+\.))?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i.test(
    value.trim(),
  )
    ? value.trim().toLowerCase()
    : undefined,
);
