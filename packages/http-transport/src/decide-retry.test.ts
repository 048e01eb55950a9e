import fc from 'fast-check';
import { decideRetry, retryAfterCapMs } from './decide-retry';
import type { Happened, RetryFacts } from './decide-retry';
import type { Safety } from './operation';

const base: RetryFacts = {
  safety: 'safe',
  happened: { kind: 'status', status: 503 },
  replayable: true,
  attempts: 1,
  maxAttempts: 4,
  budget: true,
  remainingMs: Infinity,
  baseMs: 250,
  capMs: 20_000,
  random: 0.5,
};

const status = (code: number, retryAfterMs?: number): Happened => ({
  kind: 'status',
  status: code,
  retryAfterMs,
});
const connection = (sent: boolean, permanent = false): Happened => ({ kind: 'connection', sent, permanent });
const timeout = (clock: 'headers' | 'idle' | 'total', sent: boolean): Happened => ({
  kind: 'timeout',
  clock,
  sent,
});

describe('decideRetry', () => {
  /** What happened | answer for safe, idempotent and keyed | answer for unsafe. */
  const table: [string, Happened, boolean | string, boolean | string][] = [
    ['connection not made', connection(false), true, true],
    ['connection broken', connection(true), true, 'unsafe'],
    ['certificate refused', connection(false, true), 'final', 'final'],
    ['no headers, sent', timeout('headers', true), true, 'unsafe'],
    ['no headers, never connected', timeout('headers', false), true, true],
    ['idle', timeout('idle', true), true, 'unsafe'],
    ['total clock', timeout('total', true), 'total-clock', 'total-clock'],
    ['answer cut', { kind: 'cut' }, true, 'unsafe'],
    ['own fault', { kind: 'own' }, 'final', 'final'],
    ...[301, 400, 401, 403, 404, 409, 413, 422, 501, 505].map((code): [string, Happened, string, string] => [
      `status ${code}`,
      status(code),
      'final',
      'final',
    ]),
    ...[408, 425, 429, 500, 502, 503, 504, 599].map((code): [string, Happened, boolean, string] => [
      `status ${code}`,
      status(code),
      true,
      'unsafe',
    ]),
  ];

  const expectDecision = (facts: RetryFacts, expected: boolean | string): void => {
    const decision = decideRetry(facts);
    if (expected === true) expect(decision).toMatchObject({ retry: true });
    else expect(decision).toEqual({ retry: false, because: expected });
  };

  describe.each(table)('%s', (_, happened, repeatable, unsafe) => {
    it.each<Safety>(['safe', 'idempotent', 'keyed'])('%s', (safety) => {
      expectDecision({ ...base, happened, safety }, repeatable);
    });
    it('unsafe', () => expectDecision({ ...base, happened, safety: 'unsafe' }, unsafe));
    it.each<[string, Partial<RetryFacts>, string]>([
      ['body cannot be sent again', { replayable: false }, 'body'],
      ['no attempts left', { attempts: 4 }, 'attempts'],
      ['no budget left', { budget: false }, 'budget'],
      ['no time left', { remainingMs: 0 }, 'total-clock'],
    ])('%s', (_name, change, because) => {
      expectDecision({ ...base, ...change, happened }, repeatable === true ? because : repeatable);
    });
  });

  it('waits a random part of a bound that doubles and is capped', () => {
    const wait = (attempts: number, random: number): unknown =>
      decideRetry({ ...base, attempts, random, maxAttempts: 100 });
    expect(wait(1, 0)).toEqual({ retry: true, afterMs: 0 });
    expect(wait(1, 0.5)).toEqual({ retry: true, afterMs: 125 });
    expect(wait(3, 0.5)).toEqual({ retry: true, afterMs: 500 });
    expect(wait(50, 0.5)).toEqual({ retry: true, afterMs: 10_000 });
  });

  it('never comes back before Retry-After, and leaves a long one to the caller', () => {
    const asked = (ms: number): unknown => decideRetry({ ...base, happened: status(429, ms), random: 0 });
    expect(asked(7000)).toEqual({ retry: true, afterMs: 7000 });
    expect(asked(retryAfterCapMs)).toEqual({ retry: true, afterMs: retryAfterCapMs });
    expect(asked(retryAfterCapMs + 1)).toEqual({ retry: false, because: 'retry-after-too-long' });
    expect(asked(2 ** 40)).toEqual({ retry: false, because: 'retry-after-too-long' });
  });

  it('does not begin to wait for what the total clock would end', () => {
    const happened = status(503, 5000);
    expect(decideRetry({ ...base, happened, random: 0, remainingMs: 5000 })).toEqual({
      retry: false,
      because: 'total-clock',
    });
    expect(decideRetry({ ...base, happened, random: 0, remainingMs: 5001 })).toMatchObject({ retry: true });
  });

  const happenings = fc.oneof(
    fc.record({
      kind: fc.constant('status' as const),
      status: fc.integer({ min: 300, max: 599 }),
      retryAfterMs: fc.option(fc.nat(), { nil: undefined }),
    }),
    fc.record({ kind: fc.constant('connection' as const), sent: fc.boolean(), permanent: fc.boolean() }),
    fc.record({
      kind: fc.constant('timeout' as const),
      clock: fc.constantFrom('headers' as const, 'idle' as const, 'total' as const),
      sent: fc.boolean(),
    }),
    fc.constant<Happened>({ kind: 'cut' }),
    fc.constant<Happened>({ kind: 'own' }),
  );
  const anyFacts: fc.Arbitrary<RetryFacts> = fc.record({
    safety: fc.constantFrom<Safety>('safe', 'idempotent', 'keyed', 'unsafe'),
    happened: happenings,
    replayable: fc.boolean(),
    attempts: fc.integer({ min: 1, max: 10_000 }),
    maxAttempts: fc.integer({ min: 1, max: 10_000 }),
    budget: fc.boolean(),
    remainingMs: fc.oneof(fc.constant(Infinity), fc.double({ min: -1000, max: 1e7, noNaN: true })),
    baseMs: fc.integer({ min: 0, max: 10_000 }),
    capMs: fc.integer({ min: 0, max: 60_000 }),
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  });

  it('is never the more willing for having less in hand, and says the same to the same facts', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const decision = decideRetry(facts);
        expect(decideRetry(facts)).toEqual(decision);
        if (decision.retry) return;
        const less: Partial<RetryFacts>[] = [
          { safety: 'unsafe' },
          { replayable: false },
          { budget: false },
          { attempts: facts.attempts + 1 },
          { remainingMs: facts.remainingMs - 1 },
        ];
        // `attempts` doubles the wait as well, which can only run longer into the total clock.
        for (const change of less) expect(decideRetry({ ...facts, ...change }).retry).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('holds its promises whatever the facts', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const decision = decideRetry(facts);
        if (!decision.retry) return;
        const { happened, safety } = facts;
        expect(facts.replayable && facts.budget && facts.attempts < facts.maxAttempts).toBe(true);
        if (safety === 'unsafe') {
          expect(happened.kind === 'connection' || happened.kind === 'timeout').toBe(true);
          expect('sent' in happened && happened.sent).toBe(false);
        }
        // A timer can hold it, and the call is not over before it.
        expect(Number.isInteger(decision.afterMs)).toBe(true);
        expect(decision.afterMs).toBeLessThanOrEqual(retryAfterCapMs + facts.capMs);
        expect(decision.afterMs).toBeLessThan(facts.remainingMs);
        if (happened.kind === 'status')
          expect(decision.afterMs).toBeGreaterThanOrEqual(happened.retryAfterMs ?? 0);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('every combination', () => {
  /** The rules once more, as a list of questions in their order, written from the design and not from the code. */
  const expected = (facts: RetryFacts): string => {
    const { happened, safety } = facts;
    const status = happened.kind === 'status' ? happened.status : 0;
    const never = 'sent' in happened && !happened.sent;
    const questions: [boolean, string][] = [
      [happened.kind === 'own', 'final'],
      [happened.kind === 'connection' && happened.permanent, 'final'],
      [status > 0 && ![408, 425, 429, 500, 502, 503, 504].includes(status), 'final'],
      [happened.kind === 'timeout' && happened.clock === 'total', 'total-clock'],
      [safety === 'unsafe' && !never, 'unsafe'],
      [!facts.replayable, 'body'],
      [facts.attempts >= facts.maxAttempts, 'attempts'],
      [happened.kind === 'status' && (happened.retryAfterMs ?? 0) > 60_000, 'retry-after-too-long'],
      [!facts.budget, 'budget'],
      [
        facts.remainingMs <= (happened.kind === 'status' ? (happened.retryAfterMs ?? 0) : 0) + 125,
        'total-clock',
      ],
    ];
    return questions.find(([applies]) => applies)?.[1] ?? 'retry';
  };
  const both = [true, false];
  const every: readonly Happened[] = [
    { kind: 'own' },
    { kind: 'cut' },
    ...both.flatMap((sent) => both.map((permanent) => connection(sent, permanent))),
    ...both.flatMap((sent) => (['headers', 'idle', 'total'] as const).map((clock) => timeout(clock, sent))),
    ...[302, 400, 401, 403, 404, 408, 409, 413, 417, 422, 425, 429, 500, 501, 502, 503, 504, 505].flatMap(
      (code) =>
        [undefined, 0, 7000, 60_000, 60_001, 2 ** 40].map((retryAfterMs) => status(code, retryAfterMs)),
    ),
  ];

  it.each<Safety>(['safe', 'idempotent', 'keyed', 'unsafe'])('of what a %s call can meet', (safety) => {
    let looked = 0;
    for (const happened of every)
      for (const replayable of both)
        for (const budget of both)
          for (const [attempts, maxAttempts] of [
            [1, 1],
            [1, 2],
            [1, 4],
          ] as const)
            for (const remainingMs of [-1, 0, 125, 126, 7125, 7126, Infinity]) {
              const facts = {
                ...base,
                safety,
                happened,
                replayable,
                budget,
                attempts,
                maxAttempts,
                remainingMs,
              };
              const decision = decideRetry(facts);
              const said = decision.retry ? 'retry' : decision.because;
              looked += 1;
              if (said !== expected(facts)) expect({ facts, said }).toEqual({ facts, said: expected(facts) });
            }
    expect(looked).toBe(every.length * 2 * 2 * 3 * 7);
  });
});
