import { InvalidArgumentError } from 'commander';

/** Makes a reader of whole numbers from 1 to `most`. */
export function parseCount(most: number): (text: string) => number {
  return (text) => {
    const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
    if (count >= 1 && count <= most) return count;
    throw new InvalidArgumentError(`Expected a whole number between 1 and ${String(most)}.`);
  };
}
