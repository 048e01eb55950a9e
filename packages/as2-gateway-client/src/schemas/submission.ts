import { z } from 'zod';
import { fieldNames, pickField } from './field-names';

const idSchema = z.string().min(1);

/**
 * The id in the answer to a submit, under any of its spellings; undefined when the body has none. Never throws:
 * the message is queued by then, and the `Link` header may still name it.
 */
export function submittedIdOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  return idSchema.safeParse(pickField(body as Record<string, unknown>, fieldNames.submittedId)).data;
}
