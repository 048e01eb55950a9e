import fc from 'fast-check';
import type { BreakerSettings } from './breaker-state';
import type { Circuits } from './circuits';
import {
  afterAnswerElsewhere,
  afterAnswerOf,
  afterFailureOf,
  afterNothing,
  afterStep,
  askFor,
  noCircuits,
  stateOf,
  withoutLapsed,
} from './circuits';
import type { Lane } from './lane';

const settings: BreakerSettings = { failures: 3, firstMs: 1_000, maxMs: 8_000, trialMs: 10_000 };

type Move =
  | { readonly kind: 'fail'; readonly lane: Lane; readonly operation: string | null }
  | { readonly kind: 'answer'; readonly operation: string }
  | { readonly kind: 'end' | 'nothing' | 'ask'; readonly lane: Lane };

function move(circuits: Circuits, one: Move, at: number): { circuits: Circuits; may: boolean } {
  switch (one.kind) {
    case 'fail': {
      const failure = { why: 'w', at, wallAt: at, random: 0.5 };
      return { circuits: afterFailureOf(circuits, { ...one, failure }, settings), may: true };
    }
    case 'answer':
      return { circuits: afterAnswerOf(circuits, one.operation, at), may: true };
    case 'end':
      return { circuits: afterStep(circuits, one.lane, at), may: true };
    case 'nothing':
      return { circuits: afterNothing(circuits, one.lane, at), may: true };
    case 'ask':
      return askFor(circuits, one.lane, at, settings);
  }
}

const play = (moves: readonly Move[], at = 0, from = noCircuits): Circuits =>
  moves.reduce((circuits, one) => move(circuits, one, at).circuits, from);

const fail = (lane: Lane, operation: string | null): Move => ({ kind: 'fail', lane, operation });
const answer = (operation: string): Move => ({ kind: 'answer', operation });
const end = (lane: Lane): Move => ({ kind: 'end', lane });
const ask = (circuits: Circuits, lane: Lane, at = 0): boolean => askFor(circuits, lane, at, settings).may;

/** Uploads fail, and everything else is answered. */
const refused = play([1, 2, 3].flatMap(() => [fail('upload', 'chunk'), answer('version'), answer('abort')]));

test('answers to other calls forgive no failing upload: uploads wait, and nobody else does', () => {
  expect(ask(refused, 'upload')).toBe(false);
  expect(ask(refused, 'scan')).toBe(true);
  expect(ask(refused, 'dispose')).toBe(true);
  expect(stateOf(refused, 'upload')).toMatchObject({ name: 'open', why: 'w' });
  expect(stateOf(refused, null).name).toBe('closed');
});

test('an answer to the very call lets them go on, in the middle of a step', () => {
  expect(ask(play([answer('chunk')], 0, refused), 'upload')).toBe(true);
  expect(ask(play([answer('version'), end('upload')], 0, refused), 'upload', 999)).toBe(true);
});

test('a trial that never came to the call that failed lets another one try at once', () => {
  const trial = askFor(refused, 'upload', 1_000, settings);
  expect(trial.may).toBe(true);
  expect(ask(trial.circuits, 'upload', 1_001)).toBe(false);
  expect(ask(play([end('upload')], 1_001, trial.circuits), 'upload', 1_001)).toBe(true);
  // One that failed on its way there has failed: the wait grows.
  const failed = play([fail('upload', 'login'), answer('version')], 1_001, trial.circuits);
  expect(stateOf(failed, 'upload')).toMatchObject({ name: 'open', round: 1 });
});

test.each<[string, readonly Move[], boolean]>([
  ['a step that was answered, and ended well, forgives', [answer('chunk'), end('upload')], true],
  ['one that asked nothing does not', [end('upload')], false],
  ['nor an answer to a piece of the file of which the next one fails', [answer('chunk')], false],
])('before it opens: %s', (_what, between, stays) => {
  const moves = [1, 2, 3].flatMap(() => [...between, fail('upload', 'chunk'), answer('version')]);
  expect(ask(play(moves), 'upload')).toBe(stays);
});

test('away as a whole: all wait; any answer brings it back, and what failed meanwhile is tried at once', () => {
  const away = play([fail('upload', 'chunk'), fail('upload', 'chunk'), fail('upload', 'chunk')]);
  for (const lane of ['upload', 'scan', 'dispose'] as const) expect(ask(away, lane)).toBe(false);
  const back = play([answer('version')], 100, away);
  expect(ask(back, 'scan', 100)).toBe(true);
  const trial = askFor(back, 'upload', 100, settings);
  expect(trial.may).toBe(true);
  expect(ask(trial.circuits, 'upload', 100)).toBe(false);
});

const lane = fc.constantFrom<Lane>('upload', 'scan', 'dispose');
const operation = fc.constantFrom('chunk', 'status', 'delete', 'version');
const anyMove = fc.oneof(
  fc.record({ kind: fc.constant('fail' as const), lane, operation: fc.option(operation) }),
  fc.record({ kind: fc.constant('answer' as const), operation }),
  fc.record({ kind: fc.constantFrom('end' as const, 'nothing' as const, 'ask' as const), lane }),
);
const timed = fc.array(fc.tuple(anyMove, fc.integer({ min: 0, max: 5_000 })), { maxLength: 150 });
const longest = Math.max(settings.maxMs, settings.trialMs);

test('whatever happens: nobody waits for longer than the bound, nor without three failures of his own or of all', () => {
  fc.assert(
    fc.property(timed, (moves) => {
      let circuits = noCircuits;
      let at = 0;
      const failures: Record<string, number> = {};
      let inARow = 0;
      for (const [one, afterMs] of moves) {
        at += afterMs;
        if (one.kind === 'fail') {
          failures[one.lane] = (failures[one.lane] ?? 0) + 1;
          inARow += 1;
        }
        if (one.kind === 'answer') inARow = 0;
        const result = move(circuits, one, at);
        circuits = result.circuits;
        if (one.kind === 'ask' && !result.may)
          expect(Math.max(inARow, failures[one.lane] ?? 0)).toBeGreaterThanOrEqual(settings.failures);
        for (const each of ['upload', 'scan', 'dispose'] as const)
          expect(ask(circuits, each, at + longest)).toBe(true);
      }
    }),
  );
});

test('whatever happened before: where one call fails three steps in a row, its lane waits, whatever else is answered', () => {
  const others = fc.array(
    fc.oneof(
      fc.constantFrom('status', 'delete', 'version').map(answer),
      fc.constantFrom<Lane>('upload', 'scan', 'dispose').map(end),
    ),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(timed, fc.tuple(others, others, others), (before, between) => {
      const start = before.reduce(
        (state, [one, afterMs]) => ({
          circuits: move(state.circuits, one, state.at + afterMs).circuits,
          at: state.at + afterMs,
        }),
        { circuits: noCircuits, at: 0 },
      );
      // An answer to it begins the count anew.
      const fresh = play([answer('chunk'), end('upload')], start.at, start.circuits);
      const moves = between.flatMap((some) => [fail('upload', 'chunk'), ...some]);
      const after = play([...moves, answer('version')], start.at, fresh);
      expect(stateOf(after, 'upload').name).not.toBe('closed');
      expect(
        ask(
          play([answer('chunk'), ...(['upload'] as const).map(end)], start.at, after),
          'dispose',
          start.at + longest,
        ),
      ).toBe(true);
    }),
  );
});

test('another host that answers the very call closes its circuit, and says nothing about the service as a whole', () => {
  expect(stateOf(afterAnswerElsewhere(refused, 'chunk'), 'upload').name).toBe('closed');
  expect(stateOf(afterAnswerElsewhere(refused, 'other'), 'upload').name).toBe('open');
  const away = play([1, 2, 3].map(() => fail('upload', 'chunk')));
  const after = afterAnswerElsewhere(away, 'chunk');
  expect([stateOf(after, null).name, stateOf(after, 'upload').name]).toEqual(['open', 'closed']);
});

test('three trials that end well without the call close its circuit; a failure of it begins the count anew', () => {
  const trial = (circuits: Circuits, at: number): Circuits =>
    play([end('upload')], at, askFor(circuits, 'upload', at, settings).circuits);
  const twice = trial(trial(refused, 1_000), 1_001);
  expect(stateOf(twice, 'upload').name).toBe('open');
  expect(stateOf(trial(twice, 1_002), 'upload').name).toBe('closed');

  const tried = askFor(twice, 'upload', 1_002, settings).circuits;
  const again = play([fail('upload', 'chunk'), answer('version')], 1_002, tried);
  expect(stateOf(trial(trial(again, 10_000), 10_001), 'upload').name).toBe('open');
  // Steps that ran already when it opened, or while another one tries, are no trials.
  expect(
    stateOf(
      play(
        [1, 2, 3, 4].map(() => end('upload')),
        1_000,
        refused,
      ),
      'upload',
    ).name,
  ).toBe('open');
});

test('trials that showed nothing close no circuit, however many; another one may try at once', () => {
  let circuits = refused;
  for (let at = 1_000; at < 1_010; at += 1) {
    const trial = askFor(circuits, 'upload', at, settings);
    expect(trial.may).toBe(true);
    expect(ask(trial.circuits, 'upload', at)).toBe(false);
    circuits = play([{ kind: 'nothing', lane: 'upload' }], at, trial.circuits);
  }
  expect(stateOf(circuits, 'upload').name).toBe('open');
  // Nor does one forgive a failure that was only counted.
  const counted = play([fail('upload', 'chunk'), answer('chunk'), { kind: 'nothing', lane: 'upload' }]);
  expect(counted.lanes).toHaveLength(1);
});

test('a circuit lapses that nobody tried for five of the longest waits, and none before', () => {
  const bound = 5 * settings.maxMs;
  expect(stateOf(withoutLapsed(refused, bound - 1, settings), 'upload').name).toBe('open');
  expect(stateOf(withoutLapsed(refused, bound, settings), 'upload').name).toBe('closed');
  const trial = askFor(refused, 'upload', bound - 1, settings).circuits;
  expect(stateOf(withoutLapsed(trial, bound + settings.trialMs, settings), 'upload').name).toBe('half-open');
});

const lanes = ['upload', 'scan', 'dispose'] as const;
const after = (moves: readonly (readonly [Move, number])[]): { circuits: Circuits; at: number } =>
  moves.reduce(
    ({ circuits, at }, [one, afterMs]) => ({
      circuits: move(circuits, one, at + afterMs).circuits,
      at: at + afterMs,
    }),
    { circuits: noCircuits, at: 0 },
  );

test('from any state: without further failures all lanes are closed within the bound, whether steps ask something else or nobody asks', () => {
  const bound = 5 * settings.maxMs + longest;
  const pauses = fc.array(fc.integer({ min: 1, max: 2_000 }), { maxLength: 40 });
  fc.assert(
    fc.property(timed, pauses, (before, between) => {
      const start = after(before);
      // Other calls are answered: the service is there.
      let circuits = play([answer('version')], start.at, start.circuits);
      let at = start.at;
      const toClose = new Map<Lane, number>(lanes.map((each) => [each, 0]));
      for (const pause of between) {
        at += pause;
        for (const each of lanes) {
          const isClosed = stateOf(circuits, each).name === 'closed';
          const asked = askFor(circuits, each, at, settings);
          circuits = asked.may ? play([end(each)], at, asked.circuits) : asked.circuits;
          if (asked.may && !isClosed) toClose.set(each, (toClose.get(each) ?? 0) + 1);
          expect(toClose.get(each)).toBeLessThanOrEqual(3);
        }
      }
      circuits = withoutLapsed(circuits, at + bound, settings);
      for (const each of lanes) expect(stateOf(circuits, each).name).toBe('closed');
    }),
  );
});

test('whatever the pauses: a call that fails at each trial stays open, also where a trial takes as long as the wait', () => {
  const trials = fc.array(fc.integer({ min: 0, max: 4 * settings.maxMs }), { maxLength: 30 });
  fc.assert(
    fc.property(trials, (lasting) => {
      let circuits = refused;
      let at = 0;
      for (const lasts of lasting) {
        at += settings.maxMs;
        const trial = askFor(withoutLapsed(circuits, at, settings), 'upload', at, settings);
        expect(trial.may).toBe(true);
        at += lasts;
        circuits = withoutLapsed(trial.circuits, at, settings);
        expect(stateOf(circuits, 'upload').name).not.toBe('closed');
        circuits = play([fail('upload', 'chunk'), answer('version')], at, circuits);
      }
    }),
  );
});
