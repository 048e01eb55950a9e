import { z } from 'zod';

// RFC 4130 section 6.2: 1 to 128 printable ASCII characters.
const PRINTABLE = /^[\x20-\x7e]{1,128}$/;

/** Strict reading of an AS2 identifier. */
export const as2Identifier: z.ZodType<string> = z
  .string()
  .regex(PRINTABLE, 'an AS2 identifier has 1 to 128 characters of printable ASCII')
  .refine((id) => id.trim() === id, 'an AS2 identifier cannot begin or end with a space');
