import fc from 'fast-check';
import { ask, refused, reject, server, turn } from './token-server';
import type { Login } from './token-server';

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
