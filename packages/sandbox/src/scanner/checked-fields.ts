/** What a field that a test gives must be; `says` completes "must be ...". */
export interface FieldCheck {
  readonly says: string;
  ok(value: unknown): boolean;
}

export const isText: FieldCheck = { says: 'a text', ok: (value) => typeof value === 'string' };
export const isCount: FieldCheck = {
  says: 'a whole number, 0 or more',
  ok: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};
export const isTrueOrFalse: FieldCheck = { says: 'true or false', ok: (value) => typeof value === 'boolean' };
export const isAnything: FieldCheck = { says: 'anything', ok: () => true };
export const isObject: FieldCheck = {
  says: 'a JSON object',
  ok: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};
export const isTexts: FieldCheck = {
  says: 'a list of texts',
  ok: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
};
export function isOneOf(...values: readonly unknown[]): FieldCheck {
  const shown = values.map((value) => JSON.stringify(value)).join(', ');
  return { says: `one of ${shown}`, ok: (value) => values.includes(value) };
}

export function orNull(check: FieldCheck): FieldCheck {
  return { says: `${check.says}, or null`, ok: (value) => value === null || check.ok(value) };
}

/**
 * Checks an object that a test gives, maybe from JSON. A field that nobody reads is refused: it is a misspelt one, and
 * the test would silently be about nothing.
 *
 * @param where - How the caller would name the place, as `script.timeline[0]`.
 * @param needed - Fields that must be there.
 * @throws RangeError that names the field and what was expected there.
 */
export function checkedFields(
  value: unknown,
  where: string,
  fields: Readonly<Record<string, FieldCheck>>,
  needed: readonly string[] = [],
): Readonly<Record<string, unknown>> {
  if (!isObject.ok(value)) throw new RangeError(`\`${where}\` must be a JSON object.`);
  const given = value as Record<string, unknown>;
  for (const [name, field] of Object.entries(given)) {
    const check = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (check === undefined)
      throw new RangeError(
        `\`${where}.${name}\` is not known here: there are ${Object.keys(fields).join(', ')}.`,
      );
    if (!check.ok(field)) throw new RangeError(`\`${where}.${name}\` must be ${check.says}.`);
  }
  for (const name of needed)
    if (given[name] === undefined)
      throw new RangeError(`\`${where}.${name}\` is missing: it must be ${fields[name]?.says ?? 'there'}.`);
  return given;
}
