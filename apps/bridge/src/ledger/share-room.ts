/** A partner that has something to do, and how much of it at most. */
export interface WaitingPartner {
  readonly partner: string;
  readonly waiting: number;
}

/**
 * How many rows each partner gets of `room`, in turns of one: who has little gets all of it, what is left goes to those
 * who have more, and one who is alone gets everything. The first in line get one more where it does not come out even,
 * so whoever asks must begin each time behind the one that was served last. Pure.
 *
 * @example
 * shareRoom(5, [{ partner: 'A', waiting: 9 }, { partner: 'B', waiting: 1 }]); // A 4, B 1
 */
export function shareRoom(
  room: number,
  partners: readonly WaitingPartner[],
): readonly { readonly partner: string; readonly rows: number }[] {
  const rows = partners.map(() => 0);
  let left = room;
  let isHungry = true;
  while (left > 0 && isHungry) {
    isHungry = false;
    for (const [index, { waiting }] of partners.entries()) {
      const served = rows[index] ?? 0;
      if (left === 0 || served >= waiting) continue;
      rows[index] = served + 1;
      left -= 1;
      isHungry = true;
    }
  }
  return partners
    .map(({ partner }, index) => ({ partner, rows: rows[index] ?? 0 }))
    .filter((share) => share.rows > 0);
}
