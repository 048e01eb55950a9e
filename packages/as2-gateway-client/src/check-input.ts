import { InvalidRequestError } from '@mft-bridge/http-transport';
import { z } from 'zod';

/**
 * Refuses what cannot be right before any request of a way that makes several: the first may have changed something
 * by the time the last is found to be wrong, and a NaN compares as "no".
 *
 * @throws InvalidRequestError that names the fields, never their values.
 */
export function checkInput(operation: string, schema: z.ZodType, value: unknown): void {
  const { error } = schema.safeParse(value);
  if (error === undefined) return;
  const issues = error.issues.map(({ path, code, message }) => ({ path: path.join('.'), code, message }));
  const what = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  throw new InvalidRequestError({
    operation,
    message: `${operation}: the input was refused: ${what}. Nothing was sent.`,
    hint: 'Correct the input.',
    issues,
  });
}

/** Milliseconds since 1970, or a Date that is one. */
export const instant: z.ZodType = z.union([z.date(), z.number()], 'a Date or milliseconds since 1970');
