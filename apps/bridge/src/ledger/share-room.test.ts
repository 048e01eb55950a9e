import fc from 'fast-check';
import { shareRoom } from './share-room';

test('who is alone gets everything, up to what waits', () => {
  expect(shareRoom(8, [{ partner: 'A', waiting: 10_000 }])).toEqual([{ partner: 'A', rows: 8 }]);
  expect(shareRoom(8, [{ partner: 'A', waiting: 3 }])).toEqual([{ partner: 'A', rows: 3 }]);
  expect(shareRoom(8, [])).toEqual([]);
});

test('the first in line go first where there is less room than partners', () => {
  const partners = ['A', 'B', 'C'].map((partner) => ({ partner, waiting: 5 }));
  expect(shareRoom(2, partners).map(({ partner }) => partner)).toEqual(['A', 'B']);
});

test('no room is wasted, nobody gets more than he has, and nobody gets more than one above another who wants more', () => {
  fc.assert(
    fc.property(fc.nat(64), fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 20 }), (room, counts) => {
      const partners = counts.map((waiting, index) => ({ partner: String(index), waiting }));
      const shares = shareRoom(room, partners);
      const given = new Map(shares.map(({ partner, rows }) => [partner, rows]));
      const total = counts.reduce((sum, count) => sum + count, 0);
      expect(shares.reduce((sum, { rows }) => sum + rows, 0)).toBe(Math.min(room, total));
      const most = Math.max(0, ...given.values());
      for (const { partner, waiting } of partners) {
        const got = given.get(partner) ?? 0;
        expect(got).toBeLessThanOrEqual(waiting);
        if (got < waiting) expect(got).toBeGreaterThanOrEqual(most - 1);
      }
    }),
  );
});
