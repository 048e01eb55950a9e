import { RefusedError } from './query';

/** What is wrong with a field, in words; undefined where nothing is. */
export type FieldCheck = (value: unknown) => string | undefined;

/** `{ <field>: <reason> }`, exactly one field each (reference, section 8). */
export type FieldError = Readonly<Record<string, string>>;

/** A refused creation: 422 with `{ message, errors }`. */
export class FieldsRefusedError extends RefusedError {
  readonly errors: readonly FieldError[];
  constructor(message: string, errors: readonly FieldError[]) {
    super(422, message);
    this.errors = errors;
  }
}

export const text: FieldCheck = (value) =>
  typeof value === 'string' && value !== '' ? undefined : 'must be a non-empty text';

export const flag: FieldCheck = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');

export const oneOf =
  (...values: readonly unknown[]): FieldCheck =>
  (value) =>
    values.includes(value) ? undefined : `must be one of ${values.map(String).join(', ')}`;

export const textOf =
  (least: number, most: number): FieldCheck =>
  (value) =>
    typeof value === 'string' && value.length >= least && value.length <= most
      ? undefined
      : `must have ${least} to ${most} characters`;

/** Up to three addresses, separated by commas. */
export const emails: FieldCheck = (value) => {
  const list = typeof value === 'string' ? value.split(',').map((item) => item.trim()) : [];
  return list.length >= 1 && list.length <= 3 && list.every((item) => /^[^\s@]+@[^\s@]+$/.test(item))
    ? undefined
    : 'must be one to three e-mail addresses, separated by commas';
};

/** All that is wrong with a body; fields nobody knows are ignored, as the service is believed to do. */
export function checkFields(
  body: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, FieldCheck>>,
  required: readonly string[],
): readonly FieldError[] {
  return Object.entries(fields).flatMap(([name, check]) => {
    const value = body[name];
    const reason =
      value === undefined || value === null
        ? required.includes(name)
          ? 'is required'
          : undefined
        : check(value);
    return reason === undefined ? [] : [{ [name]: reason }];
  });
}
