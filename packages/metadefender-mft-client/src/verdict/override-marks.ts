import { isFields } from '../schemas/tolerant';

const DEPTH = 3;
/** `can_be_overridden` and its like tell what a person may do, not what was done. */
const permission = /^can(be)?/;
const mark = /overrid|overrul|falsepositive/;

const meansNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === false || value === 0 || value === '';

/**
 * Looks for traces of a person having overruled the scanner, anywhere in an answer.
 *
 * People with the right role may lift a block; the file is then available and downloads like any other. How the API shows that is
 * not documented, so each field that speaks of an override or a false positive counts unless it says no.
 *
 * @returns the names of the fields that speak of it
 */
export function overrideMarks(raw: unknown, depth = DEPTH): readonly string[] {
  if (!isFields(raw) || depth === 0) return [];
  return Object.entries(raw).flatMap(([key, value]) => {
    const folded = key.replaceAll('_', '').toLowerCase();
    if (mark.test(folded) && !permission.test(folded) && !meansNothing(value)) return [key];
    return overrideMarks(value, depth - 1);
  });
}
