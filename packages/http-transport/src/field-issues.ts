import type { FieldIssue } from './errors/invalid-request-error';
import { printable, scrub } from './redaction';

interface IssueLike {
  readonly path?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
}

/** Five are enough to begin with, and keep the log line of the error under 4 KB whatever the keys are. */
const most = 5;
/** Told in the message; the rest is in `issues`. */
const told = 3;

const issuesIn = (error: unknown): readonly IssueLike[] => {
  const issues: unknown =
    typeof error === 'object' && error !== null && 'issues' in error ? error.issues : undefined;
  return Array.isArray(issues) ? (issues as IssueLike[]).slice(0, most) : [];
};

const placeOf = (path: unknown): string =>
  Array.isArray(path)
    ? path
        .slice(0, 12)
        .map((step) => String(step))
        .join('.')
    : '';

const codeOf = (code: unknown): string =>
  typeof code === 'string' && /^[\w.-]{1,40}$/.test(code) ? code : 'invalid';

/**
 * What a schema refused of an input, of the first five fields, with the sentences of the schema's author.
 */
export function inputIssues(error: unknown): FieldIssue[] {
  return issuesIn(error).map(({ path, code, message }) => ({
    path: printable(placeOf(path), 60),
    code: codeOf(code),
    ...(typeof message === 'string' ? { message: printable(message, 100) } : {}),
  }));
}

/**
 * What a schema refused of an answer, of the first five fields: without sentences, which could quote it, and without
 * `secrets`, since the keys of a record are the server's own words too.
 */
export function outputIssues(error: unknown, secrets: readonly string[]): FieldIssue[] {
  return issuesIn(error).map(({ path, code }) => ({
    path: scrub(placeOf(path), secrets, 60),
    code: codeOf(code),
  }));
}

/** `size (invalid_type), name (too_small: must not be empty)` */
export function describeIssues(issues: readonly FieldIssue[]): string {
  const texts = issues
    .slice(0, told)
    .map(
      ({ path, code, message }) =>
        `${path || 'the whole value'} (${message === undefined ? code : `${code}: ${message}`})`,
    );
  return `${texts.join(', ')}${issues.length > told ? ' and more' : ''}`;
}
