import type { Verdict } from './verdict';

/**
 * True if two verdicts prove the same of the same stored bytes. A download is bound to its verdict by an equal one before and after.
 */
export function sameVerdict(one: Verdict, other: Verdict): boolean {
  return (
    one.status === other.status &&
    one.fileId === other.fileId &&
    one.sanitized === other.sanitized &&
    one.size === other.size &&
    one.name === other.name
  );
}
