import type { FieldIssue } from './errors/invalid-request-error';

interface IssueLike {
  readonly path?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
}

const issuesIn = (error: unknown): readonly IssueLike[] => {
  const issues: unknown =
    typeof error === 'object' && error !== null && 'issues' in error ? error.issues : undefined;
  return Array.isArray(issues) ? (issues as IssueLike[]).slice(0, 10) : [];
};

const placeOf = (path: unknown): string =>
  Array.isArray(path) ? path.map((step) => String(step).slice(0, 40)).join('.') : '';

const codeOf = (code: unknown): string =>
  typeof code === 'string' && /^[\w.-]{1,40}$/.test(code) ? code : 'invalid';

/**
 * What a schema refused, of the first ten fields. `withMessage` only for input schemas: their sentences are written by
 * the author of the operation; those about an answer could quote it.
 */
export function fieldIssues(error: unknown, withMessage: boolean): FieldIssue[] {
  return issuesIn(error).map(({ path, code, message }) => ({
    path: placeOf(path),
    code: codeOf(code),
    ...(withMessage && typeof message === 'string' ? { message: message.slice(0, 200) } : {}),
  }));
}

/** `size (invalid_type), name (too_small: must not be empty)` */
export function describeIssues(issues: readonly FieldIssue[]): string {
  return issues
    .map(
      ({ path, code, message }) =>
        `${path || 'the whole value'} (${message === undefined ? code : `${code}: ${message}`})`,
    )
    .join(', ');
}
