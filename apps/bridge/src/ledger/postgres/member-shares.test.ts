import fc from 'fast-check';
import { shareOf } from './member-shares';

const beatMs = 10;

/** A bridge as the others know it: what it last said, and what it knows. */
interface Bridge {
  readonly id: string;
  readonly joinedAt: number;
  counted: string;
  /** Undefined until its first beat was answered. */
  view: readonly { id: string; counted: string }[];
  beatAt: number;
  isCutOff: boolean;
}

const event = fc.record({
  ms: fc.nat(25),
  pick: fc.nat(100),
  what: fc.constantFrom('beat', 'beat', 'beat', 'join', 'leave', 'cut off', 'heal', 'remove'),
});

test('never do all bridges together use more than the whole, whoever comes, goes or is cut off', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 120 }), (events) => {
      let now = 0;
      let next = 0;
      /** The table, and all processes that live, members or not. */
      const table = new Map<string, Bridge>();
      const alive = new Set<Bridge>();
      const share = (bridge: Bridge): number =>
        shareOf({
          id: bridge.id,
          members: bridge.view,
          joinedForMs: now - bridge.joinedAt,
          silentForMs: now - bridge.beatAt,
          beatMs,
        });
      /** As the program does it: what it counted so far is told, then it looks; what it finds counts at once. */
      const beat = (bridge: Bridge): void => {
        if (bridge.isCutOff) return;
        if (!table.has(bridge.id)) {
          alive.delete(bridge);
          return;
        }
        bridge.counted = bridge.view.map(({ id }) => id).join(' ');
        bridge.view = [...table.values()].map(({ id, counted }) => ({ id, counted }));
        bridge.beatAt = now;
      };
      for (const { ms, pick, what } of events) {
        now += ms;
        const bridges = [...alive];
        const bridge = bridges[pick % Math.max(1, bridges.length)];
        if (what === 'join') {
          next += 1;
          const id = String(next);
          const fresh = { id, joinedAt: now, counted: '', view: [], beatAt: now, isCutOff: false };
          table.set(id, fresh);
          alive.add(fresh);
        } else if (bridge === undefined) continue;
        else if (what === 'beat') beat(bridge);
        else if (what === 'cut off') bridge.isCutOff = true;
        else if (what === 'heal') bridge.isCutOff = false;
        else if (what === 'leave') {
          alive.delete(bridge);
          table.delete(bridge.id);
        } else if (now - bridge.beatAt > 3 * beatMs) table.delete(bridge.id);
        const sum = [...alive].reduce((whole, one) => whole + share(one), 0);
        expect(sum).toBeLessThanOrEqual(1 + 1e-9);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('one that is alone has all; two that know of each other have half each', () => {
  const facts = { joinedForMs: 1, silentForMs: 1, beatMs };
  expect(shareOf({ ...facts, id: 'a', members: [{ id: 'a', counted: '' }] })).toBe(1);
  const both = [
    { id: 'a', counted: 'a b' },
    { id: 'b', counted: 'a b' },
  ];
  expect(shareOf({ ...facts, id: 'b', members: both })).toBe(0.5);
});

test('one whom another has not counted has nothing, and its part once that one must have stopped', () => {
  const members = [
    { id: 'dead', counted: 'dead' },
    { id: 'new', counted: '' },
  ];
  const facts = { id: 'new', members, silentForMs: 1, beatMs };
  expect(shareOf({ ...facts, joinedForMs: 3 * beatMs })).toBe(0);
  expect(shareOf({ ...facts, joinedForMs: 3 * beatMs + 1 })).toBe(0.5);
});
