import { ControlError } from './control-error';

/** A part of a request body, field by field unknown. */
export type Fields = Readonly<Record<string, unknown>>;

/** @throws ControlError 400 where it is no JSON object. */
export function asFields(value: unknown, what = 'The body'): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ControlError(400, `${what} must be a JSON object.`);
  return value as Fields;
}

/** `{ [key]: text }` or nothing. @throws ControlError 400 */
export function optionalText<Key extends string>(
  from: Fields,
  key: Key,
  where: string = key,
): { [K in Key]?: string } {
  const value = from[key];
  if (value === undefined || value === null) return {};
  if (typeof value !== 'string') throw new ControlError(400, `\`${where}\` must be a text.`);
  return { [key]: value } as { [K in Key]?: string };
}

/** Runs a step whose RangeErrors are about what the caller sent. */
export function checked<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof RangeError) throw new ControlError(400, error.message);
    throw error;
  }
}

/** How a field of a rule is checked. */
export type FieldKind =
  'text' | 'flag' | 'count' | 'ms' | readonly string[] | { readonly [field: string]: FieldKind };

/**
 * A rule from JSON. A field that nobody reads is refused: it is a misspelt one.
 *
 * @throws ControlError 400 that names the field and what belongs there.
 */
export function readRule(value: unknown, fields: Readonly<Record<string, FieldKind>>, where = ''): Fields {
  const body = asFields(value, where === '' ? 'The body' : `\`${where.slice(0, -1)}\``);
  for (const [name, given] of Object.entries(body)) {
    const kind = fields[name];
    if (kind === undefined)
      throw new ControlError(
        400,
        `\`${where}${name}\` is unknown here: there are ${Object.keys(fields).join(', ')}.`,
      );
    if (typeof kind === 'object' && !Array.isArray(kind))
      readRule(given, kind as Readonly<Record<string, FieldKind>>, `${where}${name}.`);
    else if (!isKind(given, kind as Exclude<FieldKind, object> | readonly string[]))
      throw new ControlError(400, `\`${where}${name}\` must be ${describe(kind)}.`);
  }
  return body;
}

function isKind(value: unknown, kind: Exclude<FieldKind, object> | readonly string[]): boolean {
  if (kind === 'text') return typeof value === 'string';
  if (kind === 'flag') return typeof value === 'boolean';
  if (kind === 'count' || kind === 'ms') return Number.isSafeInteger(value) && Number(value) >= 0;
  return typeof value === 'string' && kind.includes(value);
}

function describe(kind: FieldKind): string {
  if (Array.isArray(kind)) return `one of ${kind.join(', ')}`;
  return kind === 'text' ? 'a text' : kind === 'flag' ? 'true or false' : 'a whole number, 0 or more';
}
