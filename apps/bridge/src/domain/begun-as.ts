import type { Delivery } from './delivery';

/**
 * To what kind of destination a delivery was begun, as its own record tells: only a submission has an intent, and only a file
 * is staged. Null where nothing was begun, or where that is not known. Pure.
 *
 * The configuration may say otherwise by now: a destination can keep its name and become one of another kind, which knows
 * nothing of what the former one was handed.
 */
export function begunAs({
  state,
  intendedAt,
  remoteId,
}: Pick<Delivery, 'state' | 'intendedAt' | 'remoteId'>): 'as2' | 'folder' | null {
  switch (state) {
    case 'intended':
    case 'submitted':
      return 'as2';
    case 'staged':
      return 'folder';
    case 'unknown':
      if (intendedAt !== null) return 'as2';
      // After a restore also one that had not been begun when the backup was made.
      return remoteId === null ? null : 'folder';
    case 'due':
    case 'delivered':
    case 'failed':
      return null;
  }
}
