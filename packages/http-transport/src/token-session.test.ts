import { UnauthorizedError } from './errors/status-errors';
import { ask, refused, reject, server, turn } from '../test/token-server';

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
