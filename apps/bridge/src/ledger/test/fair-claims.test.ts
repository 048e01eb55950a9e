import fc from 'fast-check';
import type { DueWork } from '../ledger';
import { sampleMessage, taking } from './sample-message';
import type { TemporaryLedger } from './temporary-ledger';
import { openTemporaryLedger } from './temporary-ledger';

let temporary: TemporaryLedger;
beforeEach(async () => {
  temporary = await openTemporaryLedger();
  await temporary.ledger.commit({ ...taking(sampleMessage('m')), next: [] });
});
afterEach(() => temporary.close());

/** Rows of `scan`, one for each time. */
function ask(partner: string, times: readonly number[], prefix = partner): void {
  temporary.tamper(
    `insert into due (id, kind, subject, message_id, partner, due_at, since, attempts, epoch, revision, lease_until, why)
     select ? || '-' || key, 'scan', ? || '-' || key, (select id from message limit 1), ?, value, 0, 0, 0, 0, 0, null from json_each(?)`,
    prefix,
    prefix,
    partner,
    JSON.stringify(times),
  );
}

const partnerOf = ({ subject }: DueWork): string => subject.split('-')[0] ?? '';

async function claim(room: number, now = 1_000): Promise<readonly DueWork[]> {
  return temporary.ledger.due.claim({ limits: { scan: room }, now, leaseMs: 100_000 });
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test('a partner with 10,000 waiting delays another by one step and no more', async () => {
  ask('FLOOD', Array<number>(10_000).fill(1));
  const first = await claim(4);
  expect(first.map(partnerOf)).toEqual(['FLOOD', 'FLOOD', 'FLOOD', 'FLOOD']);
  ask('SMALL', [900, 901]);
  // One place after the other becomes free, as steps end.
  const next = [await claim(1), await claim(1), await claim(1), await claim(1), await claim(1)].flat();
  expect(next.map(partnerOf)).toEqual(['SMALL', 'FLOOD', 'SMALL', 'FLOOD', 'FLOOD']);
});

test('room is shared, the odd one goes to another each time, and within a partner the oldest go first', async () => {
  ask('A', upTo(20).reverse());
  ask('B', upTo(20));
  const rounds = [(await claim(3)).map(partnerOf), (await claim(3)).map(partnerOf)].map((names) =>
    names.sort(),
  );
  expect(rounds).toEqual([
    ['A', 'A', 'B'],
    ['A', 'B', 'B'],
  ]);
  expect((await claim(4)).map(({ dueAt }) => dueAt)).toEqual([3, 3, 4, 4]);
});

test('one who is due is served at once behind hundreds who only wait for later', async () => {
  for (let count = 0; count < 300; count += 1) ask(`P${String(count).padStart(3, '0')}`, [5_000]);
  ask('P299', [10], 'late');
  expect((await claim(2)).map(({ subject }) => subject)).toEqual(['late-0']);
  expect(await claim(2)).toEqual([]);
});

test('more partners than one look sees all get their turn', async () => {
  for (let count = 0; count < 200; count += 1) ask(`P${String(count).padStart(3, '0')}`, [1, 2]);
  const turns: string[] = [];
  for (let round = 0; round < 25; round += 1) turns.push(...(await claim(8)).map(partnerOf));
  expect(new Set(turns).size).toBe(200);
});

test('whatever waits: no row twice, none that is not due, none left while there is room, and no partner passed over', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.nat(2_000), { maxLength: 12 }), { minLength: 1, maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }),
      async (partners, rooms) => {
        run += 1;
        temporary.tamper('delete from due');
        const left = new Map<string, number[]>();
        for (const [index, times] of partners.entries()) {
          ask(`P${index}`, times, `P${index}-${run}`);
          left.set(
            `P${index}`,
            times.filter((time) => time <= 1_000).sort((one, other) => one - other),
          );
        }
        for (const room of rooms) {
          const due = [...left.values()].flat().length;
          const hungry = [...left].filter(([, times]) => times.length > 0).map(([partner]) => partner);
          const taken = await claim(room);
          expect(taken).toHaveLength(Math.min(room, due));
          const served = new Set(taken.map(partnerOf));
          expect(served.size).toBe(Math.min(hungry.length, room));
          for (const [partner, times] of left) {
            const got = taken.filter((work) => partnerOf(work) === partner).map(({ dueAt }) => dueAt);
            expect(got).toEqual(times.splice(0, got.length));
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});
