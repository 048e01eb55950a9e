import { InvalidRequestError } from './errors/invalid-request-error';
import { printable } from './redaction';

/** Every name of an options type: one that is missing, or is none of them, does not compile. */
export type OptionNames<T> = Readonly<Record<keyof Required<T>, true>>;

/** How many letters have to be put in, taken out or exchanged. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 0; at < one.length; at += 1) {
    const next = [at + 1];
    for (let to = 1; to <= other.length; to += 1) {
      const exchanged = (row[to - 1] ?? 0) + (one[at] === other[to - 1] ? 0 : 1);
      next.push(Math.min(exchanged, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}

/** Another unit, another case, or a slip of the hand; undefined where nothing is near. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const word = name.slice(0, 60).toLowerCase();
  const far = (other: string): number =>
    other.toLowerCase().startsWith(word) ? 0 : distance(word, other.toLowerCase());
  const [best] = [...known].sort((one, other) => far(one) - far(other));
  return best !== undefined && far(best) <= Math.max(2, word.length / 3) ? best : undefined;
}

/**
 * Refuses options that do not exist, which would be ignored without a word: `expiresAfter` in place of `expiresAfterMs` lets a
 * file live for ever. TypeScript sees this only where the options are written in place.
 *
 * @throws InvalidRequestError that names the nearest known option, never a value
 */
export function checkOptionNames<T extends object>(
  operation: string,
  options: T,
  known: OptionNames<T>,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(known, name)) continue;
    const shown = printable(name, 60);
    const meant = nearest(name, Object.keys(known));
    throw new InvalidRequestError({
      operation,
      message: `${operation}: there is no option "${shown}", so it would have been ignored. Nothing was sent.`,
      hint:
        meant === undefined ? `The options are ${Object.keys(known).join(', ')}.` : `Did you mean ${meant}?`,
      issues: [{ path: shown, code: 'unknown_option' }],
    });
  }
}
