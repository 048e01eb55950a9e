import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { UnauthorizedError } from './errors/status-errors';
import { createTokenSession } from './token-session';
import type { Token, TokenSession } from './token-session';

const refused = (): UnauthorizedError =>
  new UnauthorizedError({
    message: 'no',
    operation: 'login',
    outcome: 'rejected',
    status: 401,
    method: 'POST',
    path: '/login',
    headers: {},
    attempts: 1,
  });

interface Login {
  readonly kind: 'obtain' | 'refresh';
  readonly signal: AbortSignal;
  ok(expiresInMs?: number): void;
  fail(error: unknown): void;
}

/** A server whose logins are answered by hand. */
function server(withRefresh = false, options = {}) {
  const state = { now: 1_000_000, logins: [] as Login[], open: 0, most: 0, made: 0 };
  const login = (kind: Login['kind'], signal: AbortSignal): Promise<Token> =>
    new Promise((resolve, reject) => {
      state.open += 1;
      state.most = Math.max(state.most, state.open);
      const done = (then: () => void): void => {
        state.open -= 1;
        then();
      };
      state.logins.push({
        kind,
        signal,
        ok: (expiresInMs) =>
          done(() => {
            state.made += 1;
            const expiresAt = expiresInMs === undefined ? {} : { expiresAt: state.now + expiresInMs };
            resolve({ value: `t${state.made}`, ...expiresAt });
          }),
        fail: (error) => done(() => reject(error as Error)),
      });
    });
  const session = createTokenSession<Token>({
    obtain: (signal) => login('obtain', signal),
    ...(withRefresh ? { refresh: (_: Token, signal: AbortSignal) => login('refresh', signal) } : {}),
    present: ({ value }) => ({ name: 'authorization', value }),
    now: () => state.now,
    ...options,
  });
  return { state, session, last: () => state.logins.at(-1)! };
}

const never = new AbortController().signal;
setMaxListeners(0, never);
const ask = async (session: TokenSession, signal = never): Promise<string> =>
  (await session.header({ operation: 'o', signal })).value;
const reject = (session: TokenSession, value: string): Promise<boolean> =>
  session.rejected({
    operation: 'o',
    signal: never,
    header: { name: 'authorization', value },
    error: refused(),
  });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('token session', () => {
  it('logs in once for all who wait', async () => {
    const { session, state, last } = server();
    const asked = Promise.all(Array.from({ length: 50 }, () => ask(session)));
    await turn();
    expect(state.logins).toHaveLength(1);
    last().ok();
    expect(new Set(await asked)).toEqual(new Set(['t1']));
    expect(session.generation).toBe(1);
  });

  it('renews beside the calls in the first window, and before them in the second', async () => {
    const { session, state, last } = server(true);
    const first = ask(session);
    last().ok(3_600_000);
    await first;
    state.now += 3_600_000 - 300_001;
    await ask(session);
    expect(state.logins).toHaveLength(1);
    state.now += 2;
    await expect(ask(session)).resolves.toBe('t1');
    expect(last().kind).toBe('refresh');
    await expect(ask(session)).resolves.toBe('t1');
    state.now += 270_000;
    const waiting = ask(session);
    last().ok(3_600_000);
    await expect(waiting).resolves.toBe('t2');
    expect(state.most).toBe(1);
  });

  it('pauses after a renewal that failed, and logs in when the refresh is refused', async () => {
    const { session, state, last } = server(true);
    const first = ask(session);
    last().ok(600_000);
    await first;
    state.now += 500_000;
    await ask(session);
    last().fail(new Error('refresh down'));
    await turn();
    expect(last().kind).toBe('obtain');
    last().fail(new Error('login down'));
    await turn();
    await ask(session);
    await ask(session);
    expect(state.logins).toHaveLength(3);
    state.now += 30_001;
    await ask(session);
    expect(state.logins).toHaveLength(4);
  });

  it('never repeats a refused login, until it is reset', async () => {
    const { session, state, last } = server();
    const first = ask(session);
    last().fail(refused());
    await expect(first).rejects.toBeInstanceOf(UnauthorizedError);
    for (let times = 0; times < 5; times += 1)
      await expect(ask(session)).rejects.toBeInstanceOf(UnauthorizedError);
    expect(state.logins).toHaveLength(1);
    session.reset();
    const again = ask(session);
    last().ok();
    await expect(again).resolves.toBe('t1');
  });

  it('tries again after a login that failed otherwise', async () => {
    const { session, state, last } = server();
    const first = ask(session);
    last().fail(new Error('network'));
    await expect(first).rejects.toThrow('network');
    void ask(session);
    expect(state.logins).toHaveLength(2);
  });

  it('replaces a rejected token once for all who met the rejection', async () => {
    const { session, state, last } = server();
    const first = ask(session);
    last().ok();
    await first;
    const replays = Promise.all([reject(session, 't1'), reject(session, 't1')]);
    await turn();
    last().ok();
    await expect(replays).resolves.toEqual([true, true]);
    // A straggler with the old token finds the new one.
    await expect(reject(session, 't1')).resolves.toBe(true);
    expect(state.logins).toHaveLength(2);
    await expect(ask(session)).resolves.toBe('t2');
  });

  it('leaves a rejection alone that cannot be about the token', async () => {
    const { session, state, last } = server(false, { mayBeExpired: () => false });
    const first = ask(session);
    last().ok();
    await first;
    await expect(reject(session, 't1')).resolves.toBe(false);
    await expect(ask(session)).resolves.toBe('t1');
    expect(state.logins).toHaveLength(1);
  });

  it('lets one waiter give up and the others wait on', async () => {
    const { session, last } = server();
    const given = new AbortController();
    const gone = ask(session, given.signal);
    const patient = ask(session);
    given.abort();
    await expect(gone).rejects.toThrow('interrupted');
    expect(last().signal.aborted).toBe(false);
    last().ok();
    await expect(patient).resolves.toBe('t1');
  });

  it('believes no expiry that is over on arrival, instead of logging in for every call', async () => {
    const { session, state, last } = server();
    const first = ask(session);
    last().ok(-7_200_000);
    await first;
    await ask(session);
    await ask(session);
    expect(state.logins).toHaveLength(1);
  });

  it('does not use a login of before the reset', async () => {
    const { session, state, last } = server();
    const asked = ask(session);
    const old = last();
    session.reset();
    expect(old.signal.aborted).toBe(true);
    old.ok();
    await turn();
    expect(state.logins).toHaveLength(2);
    last().ok();
    await expect(asked).resolves.toBe('t2');
    expect(state.most).toBe(1);
  });

  it('ends its login when it is closed', async () => {
    const { session, last } = server();
    const asked = ask(session);
    await session.close();
    expect(last().signal.aborted).toBe(true);
    last().fail(new Error('aborted'));
    await expect(asked).rejects.toThrow('aborted');
    await expect(ask(session)).rejects.toThrow('interrupted');
  });
});

describe('token session under any interleaving', () => {
  type Step =
    | { do: 'call' }
    | { do: 'ok'; life: number }
    | { do: 'refuse' }
    | { do: 'break' }
    | { do: 'time'; ms: number }
    | { do: 'reject' }
    | { do: 'abort' }
    | { do: 'reset' };
  const steps = fc.array(
    fc.oneof<fc.Arbitrary<Step>[]>(
      fc.constant({ do: 'call' }),
      fc.record({ do: fc.constant('ok' as const), life: fc.integer({ min: -1000, max: 7_200_000 }) }),
      fc.constant({ do: 'refuse' }),
      fc.constant({ do: 'break' }),
      fc.record({ do: fc.constant('time' as const), ms: fc.integer({ min: 0, max: 4_000_000 }) }),
      fc.constant({ do: 'reject' }),
      fc.constant({ do: 'abort' }),
      fc.constant({ do: 'reset' }),
    ),
    { maxLength: 60 },
  );

  it('never two logins at once, never a dead token, never a refused login again', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (sequence, withRefresh) => {
        const { session, state } = server(withRefresh);
        const dead = new Set<string>();
        const expiry = new Map<string, number>();
        const faults: string[] = [];
        const waiters: AbortController[] = [];
        let current: string | undefined;
        let refusedAt: number | undefined;
        const answer = (how: (login: Login) => void): void => {
          const login = state.logins[answered];
          if (login === undefined) return;
          answered += 1;
          how(login);
        };
        let answered = 0;
        const calls: Promise<void>[] = [];

        for (const step of sequence) {
          if (step.do === 'call') {
            const given = new AbortController();
            waiters.push(given);
            calls.push(
              ask(session, given.signal).then(
                (value) => {
                  current = value;
                  if (dead.has(value)) faults.push(`dead token ${value}`);
                  if (state.now >= (expiry.get(value) ?? Infinity)) faults.push(`expired token ${value}`);
                },
                () => undefined,
              ),
            );
          } else if (step.do === 'ok') {
            answer((login) => {
              if (step.life > 0) expiry.set(`t${state.made + 1}`, state.now + step.life);
              login.ok(step.life);
            });
          } else if (step.do === 'refuse') {
            answer((login) => {
              if (login.kind === 'obtain' && !login.signal.aborted) refusedAt = state.logins.length;
              login.fail(refused());
            });
          } else if (step.do === 'break') answer((login) => login.fail(new Error('network')));
          else if (step.do === 'time') state.now += step.ms;
          else if (step.do === 'reject' && current !== undefined) {
            dead.add(current);
            calls.push(
              reject(session, current).then(
                () => undefined,
                () => undefined,
              ),
            );
          } else if (step.do === 'abort') waiters.pop()?.abort();
          else if (step.do === 'reset') {
            session.reset();
            refusedAt = undefined;
            current = undefined;
          }
          await turn();
          if (refusedAt !== undefined && state.logins.length > refusedAt)
            faults.push('login after a refusal');
        }
        for (const given of waiters) given.abort();
        await session.close();
        while (answered < state.logins.length) {
          answer((login) => login.fail(new Error('end')));
          await turn();
        }
        await Promise.all(calls);
        expect(faults).toEqual([]);
        expect(state.most).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });
});
