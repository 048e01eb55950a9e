import { z } from 'zod';

type Fields = Readonly<Record<string, unknown>>;

/** `UiMessageKey`, `uiMessageKey` and `ui_message_key` are one name to this API: which one comes depends on the release and on the call. */
const fold = (name: string): string => name.replaceAll('_', '').toLowerCase();

/**
 * Reads one field of an answer whose casing is not certain: the exact key wins, and only if it is missing another casing counts.
 * Bulk answers carry `result` and `Result` side by side with different meanings, so folding everything at once would mix them up.
 * Two other casings with different values give no answer: a guess could turn missing evidence into evidence.
 */
function readField(fields: Fields, name: string): unknown {
  if (Object.hasOwn(fields, name)) return fields[name];
  const wanted = fold(name);
  const values = Object.keys(fields)
    .filter((key) => fold(key) === wanted)
    .map((key) => fields[key]);
  return new Set(values).size === 1 ? values[0] : undefined;
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A loose object schema that finds its fields whatever their casing, under any of the given other names.
 * Unknown fields pass through untouched.
 */
export function tolerant<Shape extends z.ZodRawShape>(
  shape: Shape,
  otherNames: Readonly<Record<string, readonly string[]>> = {},
) {
  return z.preprocess((value) => {
    if (!isFields(value)) return value;
    const found: Record<string, unknown> = { ...value };
    for (const name of Object.keys(shape)) {
      for (const candidate of [name, ...(otherNames[name] ?? [])]) {
        const read = readField(value, candidate);
        if (read === undefined) continue;
        found[name] = read;
        break;
      }
    }
    return found;
  }, z.looseObject(shape));
}

/** Optional text: null, a missing field and a wrong type all read as undefined, so that one odd field never breaks a call. */
export const optionalText = z.string().optional().catch(undefined);

export const optionalFlag = z.boolean().optional().catch(undefined);

/** A whole number, also when it comes as text. Anything else is undefined. */
export const optionalCount = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ])
  .pipe(z.number().int().nonnegative())
  .optional()
  .catch(undefined);

/**
 * Text whose *presence* is evidence against a file. A wrong type must not make it vanish, so it is kept as its JSON text;
 * null is kept apart from a missing field.
 */
export const adverseText = z
  .unknown()
  .optional()
  .transform((value): string | null | undefined => {
    if (value === undefined || value === null || typeof value === 'string') return value;
    if (Array.isArray(value) && value.length === 0) return '';
    return typeof value === 'object' ? JSON.stringify(value) : `${typeof value} instead of text`;
  });

/** Ids come as text; user and token ids as numbers. */
export const id = z.union([z.string().min(1), z.number().int().transform(String)]);
