import { inspect } from 'node:util';

const shown = '[secret]';

/**
 * A value that must not be seen. It prints as `[secret]` wherever it is written by accident (text, JSON, inspect,
 * loggers); the only way to it is `reveal()`, which is easy to search for.
 *
 * @example
 * const token = new Secret('s3cr3t');
 * `${token}`;        // '[secret]'
 * token.reveal();    // 's3cr3t'
 */
export class Secret {
  // A private field, and no property: neither a spread, nor a clone, nor Object.entries shows it.
  readonly #value: string | null;

  /** `null` makes one whose value was left where it is: it fails when it is read. */
  constructor(value: string | null) {
    this.#value = value;
  }

  /** False where the value was left where it is. */
  get wasRead(): boolean {
    return this.#value !== null;
  }

  /** The value itself. Hand it to the one call that needs it, and keep it nowhere. */
  reveal(): string {
    if (this.#value === null) throw new Error('This secret was not read: the command does not need it.');
    return this.#value;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}

/** All secrets in a value, however deep. For the logger, which removes their text from every line. */
export function collectSecrets(value: unknown): readonly Secret[] {
  if (value instanceof Secret) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((inner: unknown) => collectSecrets(inner));
}
