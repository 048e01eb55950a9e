import { z } from 'zod';
import type { FileNameEncoding } from '../names/header-text';
import { headerText, headerTextProblem } from '../names/header-text';

/** An id goes into a path or a header. It begins with a letter or digit, so that it can be no `.` or `..`. */
export const idInput = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/,
    'must be an id as the server gives it: letters, digits, dashes',
  );

export const byteCount = z.number().int().nonnegative();

/** A point in time: a Date, or epoch milliseconds. */
export const timeInput = z.union([
  z.date(),
  z.number().int().nonnegative().max(8_640_000_000_000_000, 'must be epoch milliseconds'),
]);

/** A zero-based first item and a number of items, both path segments of the lists of this API. */
export const windowInput = {
  start: z.number().int().nonnegative(),
  count: z.number().int().min(1).max(1000),
};

export const sortDirection = z.enum(['asc', 'desc']);

/** Free text on its way into a header: checked, then encoded. */
export const headerTextInput = (encoding: FileNameEncoding, what: string) =>
  z
    .string()
    .superRefine((text, context) => {
      const problem = headerTextProblem(text, encoding, what);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    })
    .transform((text) => headerText(text, encoding));

/**
 * The two search headers: `find` carries ASCII only, its twin `findB64` (UTF-8 in base64) carries everything. Their base64 form is the
 * only encoding of non-ASCII text that this API documents.
 */
export const findHeaders = (find: string | undefined): Readonly<Record<string, string | undefined>> =>
  find === undefined || /^[\u0021-\u007e](?:[\u0020-\u007e]*[\u0021-\u007e])?$/.test(find)
    ? { find }
    : { findB64: Buffer.from(find, 'utf8').toString('base64') };
