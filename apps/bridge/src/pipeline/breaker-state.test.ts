import fc from 'fast-check';
import type { BreakerSettings, BreakerState } from './breaker-state';
import { afterAnswer, afterFailure, askToTry, closedBreaker } from './breaker-state';

const settings: BreakerSettings = { failures: 3, firstMs: 1_000, maxMs: 8_000, trialMs: 10_000 };
const open: BreakerState = { name: 'open', round: 2, since: 7, why: 'refused', until: 500 };
const halfOpen: BreakerState = { ...open, name: 'half-open' };
const failed = (state: BreakerState): BreakerState =>
  afterFailure(state, { why: 'reset', at: 1_000, wallAt: 9, random: 1 }, settings);

test.each<[string, BreakerState, BreakerState]>([
  ['the first failure', closedBreaker, { name: 'closed', failures: 1, since: 9 }],
  [
    'the second; the first one began it',
    { name: 'closed', failures: 1, since: 3 },
    { name: 'closed', failures: 2, since: 3 },
  ],
  [
    'one too many: it opens',
    { name: 'closed', failures: 2, since: 3 },
    { name: 'open', round: 0, since: 3, why: 'reset', until: 2_000 },
  ],
  ['of a step that ran when it opened: the wait stays', open, { ...open, why: 'reset' }],
  [
    'of the trial: twice the wait',
    halfOpen,
    { name: 'open', round: 3, since: 7, why: 'reset', until: 1_000 + 8_000 },
  ],
  [
    'of many trials: the wait has a bound',
    { ...halfOpen, round: 400 },
    { name: 'open', round: 401, since: 7, why: 'reset', until: 1_000 + 8_000 },
  ],
])('a failure: %s', (_name, before, after) => {
  expect(failed(before)).toEqual(after);
});

test.each([
  ['closed', { name: 'closed', failures: 2, since: 3 } as const],
  ['open', open],
  ['half-open', halfOpen],
])('an answer closes it, whatever it was (%s)', (_name, before) => {
  expect(afterAnswer(before)).toEqual(closedBreaker);
});

test.each<[string, BreakerState, number, boolean, BreakerState]>([
  ['closed', closedBreaker, 0, true, closedBreaker],
  ['open, too early', open, 499, false, open],
  ['open, in time', open, 500, true, { ...halfOpen, until: 500 + 10_000 }],
  ['a trial is under way', halfOpen, 499, false, halfOpen],
  ['a trial takes long: another one', halfOpen, 500, true, { ...halfOpen, until: 500 + 10_000 }],
])('asking: %s', (_name, before, at, may, state) => {
  expect(askToTry(before, at, settings)).toEqual({ may, state });
});

type Move = { readonly kind: 'fail' | 'answer' | 'ask'; readonly afterMs: number; readonly random: number };
const moves = fc.array(
  fc.record<Move>({
    kind: fc.constantFrom('fail', 'answer', 'ask'),
    afterMs: fc.integer({ min: 0, max: 12_000 }),
    random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  }),
  { maxLength: 200 },
);

/** Plays moves; tells what was let through and what was not. */
function play(
  all: readonly Move[],
  look: (state: BreakerState, move: Move, may: boolean, at: number) => void,
): void {
  let state: BreakerState = closedBreaker;
  let at = 0;
  for (const move of all) {
    at += move.afterMs;
    if (move.kind === 'answer') state = afterAnswer(state);
    if (move.kind === 'fail')
      state = afterFailure(state, { why: 'w', at, wallAt: at, random: move.random }, settings);
    const asked = move.kind === 'ask' ? askToTry(state, at, settings) : undefined;
    look(state, move, asked?.may ?? false, at);
    state = asked?.state ?? state;
  }
}

test('whatever happens: never left alone for longer than the bound, and never without failures before', () => {
  fc.assert(
    fc.property(moves, (all) => {
      let failures = 0;
      play(all, (state, { kind }, may, at) => {
        failures = kind === 'answer' ? 0 : kind === 'fail' ? failures + 1 : failures;
        if (state.name !== 'closed') {
          expect(failures).toBeGreaterThanOrEqual(settings.failures);
          expect(state.until - at).toBeLessThanOrEqual(Math.max(settings.maxMs, settings.trialMs));
        }
        if (kind === 'ask' && state.name === 'closed') expect(may).toBe(true);
      });
    }),
  );
});

test('while it is open, two are let through only with a wait between them', () => {
  fc.assert(
    fc.property(moves, (all) => {
      let last = -Infinity;
      play(all, (state, _move, may, at) => {
        if (state.name === 'closed') last = -Infinity;
        else if (may) {
          expect(at - last).toBeGreaterThanOrEqual(settings.firstMs / 2);
          last = at;
        }
      });
    }),
  );
});
