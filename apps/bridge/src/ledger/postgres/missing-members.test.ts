import type { MemberRow } from '../tables';
import { createMissingMembers } from './missing-members';

const row = (id: string, beat_until: number): MemberRow =>
  ({ id, name: id, beat_until, counted: '', down: '' }) as MemberRow;
const options = { id: 'me', beatMs: 10_000, leaseMs: 30_000 };
const ids = (members: readonly MemberRow[]): string[] => members.map(({ id }) => id);

test('one whose time is over, and who said nothing for longer than a beat', () => {
  const missing = createMissingMembers(options);
  expect(missing.look([row('me', 0), row('other', 50_000)], 60_000, 0)).toEqual([]);
  expect(missing.look([row('me', 0), row('other', 50_000)], 70_000, 10_000)).toEqual([]);
  expect(ids(missing.look([row('me', 0), row('other', 50_000)], 72_001, 12_001))).toEqual(['other']);
});

test('not one that was heard of, though the clock of the server is far ahead of what it said', () => {
  const missing = createMissingMembers(options);
  for (let beat = 0; beat < 10; beat += 1)
    expect(missing.look([row('other', beat * 10_000)], 9_000_000, beat * 10_000)).toEqual([]);
});

test('one who is silent though his time would not be over for long: the clock was set back', () => {
  const missing = createMissingMembers(options);
  expect(missing.look([row('other', 9_000_000)], 1_000, 0)).toEqual([]);
  for (let at = 10_000; at <= 40_000; at += 10_000)
    expect(missing.look([row('other', 9_000_000)], at, at)).toEqual([]);
  expect(ids(missing.look([row('other', 9_000_000)], 46_001, 45_001))).toEqual(['other']);
});

test('one whose time is not over waits', () => {
  const missing = createMissingMembers(options);
  missing.look([row('other', 30_000)], 0, 0);
  missing.look([row('other', 30_000)], 10_000, 10_000);
  expect(missing.look([row('other', 30_000)], 20_000, 20_000)).toEqual([]);
});

test.each([
  ['the server was away for all', true, 35_000],
  ['all of them were stopped', false, 90_000],
])('nobody, where this one could not look for a while either: %s', (_name, hasFailed, at) => {
  const missing = createMissingMembers(options);
  missing.look([row('other', 30_000)], 0, 0);
  if (hasFailed) missing.couldNotLook();
  expect(missing.look([row('other', 30_000)], at, at)).toEqual([]);
  missing.look([row('other', 30_000)], at + 10_000, at + 10_000);
  expect(ids(missing.look([row('other', 30_000)], at + 13_000, at + 13_000))).toEqual(['other']);
});
