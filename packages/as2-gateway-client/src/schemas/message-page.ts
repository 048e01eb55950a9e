import { z } from 'zod';
import { fieldNames, pickField } from './field-names';

/** One page of a box: ids only, as the service lists nothing else. */
export interface MessagePage {
  /** Message ids in the order of the list, each once. */
  readonly ids: readonly string[];
  /** How many entries the service sent, before doubles were dropped: fewer than asked for means the last page. */
  readonly received: number;
}

// Ids are plain strings in every answer seen; whether newer versions list objects is not known.
const itemSchema = z.union([
  z.string().min(1),
  z
    .looseObject({})
    .transform((item) => pickField(item, fieldNames.messageId))
    .pipe(z.string().min(1)),
]);
const pageSchema = z.union([z.array(itemSchema), z.looseObject({ messages: z.array(itemSchema) })]);

/** Reads the answer of any list: `{ messages }` or a bare array, of strings or objects. */
export function parseMessagePage(value: unknown): MessagePage {
  const page = pageSchema.parse(value);
  const items = Array.isArray(page) ? page : page.messages;
  return { ids: [...new Set(items)], received: items.length };
}
