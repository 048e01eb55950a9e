import { ConnectionError, NotFoundError, ServerError } from '@mft-bridge/http-transport';
import type { Random } from '../random';

/** A call that is on its way: nothing has happened at the service yet. */
interface Pending {
  readonly operation: string;
  /** Makes it happen at the service. */
  readonly arrive: () => unknown;
  readonly answer: (value: unknown) => void;
  readonly fail: (error: Error) => void;
  /** The process that called is dead: nobody hears the answer. Until then the request may still arrive. */
  arrivesUntil: number | null;
  /** Called right before the request leaves: the caller may still think better of it. */
  readonly leave: () => void | Promise<void>;
}

/** Time and network, in the hands of a seed. */
export interface World {
  now(): number;
  advance(ms: number): Promise<void>;
  /** A call of a service: arrives, is lost before or after the work was done, or meets an error, as the seed has it. */
  call<T>(operation: string, arrive: () => T, leave?: () => void | Promise<void>): Promise<T>;
  /** How many calls are on their way. */
  pending(): number;
  /** One of them comes to its end. */
  settleOne(): Promise<void>;
  /** The caller is dead; what it had sent may still arrive within `forMs`. */
  abandonAll(forMs: number): void;
  /** From here on nothing fails. */
  calm(): void;
}

/** @param faults how often a call fails, of 1 */
export function createWorld(random: Random, faults: number): World {
  let time = 1_800_000_000_000;
  let rate = faults;
  const calls: Pending[] = [];

  async function settleOne(): Promise<void> {
    if (calls.length === 0) return;
    const [call] = calls.splice(random.below(calls.length), 1);
    if (call === undefined) return;
    if (call.arrivesUntil === null) await finish(call);
    else await drift(call);
  }

  /** What was written to a socket before the process died may reach the service, or may not. */
  async function drift({ arrive }: Pending): Promise<void> {
    if (!random.chance(0.5)) return;
    try {
      await arrive();
    } catch {
      // Nobody hears the refusal.
    }
  }

  async function finish(call: Pending): Promise<void> {
    const { operation, arrive, answer, fail } = call;
    const facts = { operation, message: `${operation} failed`, attempts: 1, host: 'service:443' };
    try {
      await call.leave();
    } catch (error) {
      fail(error as Error);
      return;
    }
    const dice = random.chance(rate) ? random.below(4) : -1;
    if (dice === 0) {
      fail(new ConnectionError({ ...facts, outcome: 'not-sent' }));
      return;
    }
    const http = { ...facts, status: 500, method: 'POST' as const, path: '/', headers: {} };
    if (dice === 1) {
      fail(new ServerError({ ...http, outcome: 'unknown' }));
      return;
    }
    let result: unknown;
    try {
      result = await arrive();
    } catch (error) {
      fail(error as Error);
      return;
    }
    if (dice === 2) fail(new ConnectionError({ ...facts, outcome: 'unknown' }));
    else if (dice === 3) fail(new ServerError({ ...http, outcome: 'unknown' }));
    else answer(result);
  }

  return {
    now: () => time,
    async advance(ms) {
      const late = calls.filter(({ arrivesUntil }) => arrivesUntil !== null && arrivesUntil < time + ms);
      for (const call of late) {
        calls.splice(calls.indexOf(call), 1);
        await drift(call);
      }
      time += ms;
    },
    call: <T>(operation: string, arrive: () => T, leave: () => void | Promise<void> = () => undefined) =>
      new Promise<T>((resolve, reject) => {
        calls.push({
          operation,
          arrive,
          leave,
          answer: (value) => resolve(value as T),
          fail: reject,
          arrivesUntil: null,
        });
      }),
    pending: () => calls.length,
    settleOne,
    abandonAll(forMs) {
      for (const call of calls) call.arrivesUntil ??= time + forMs;
    },
    calm() {
      rate = 0;
    },
  };
}

/** What a service answers for something that it does not have. */
export function notFound(operation: string): NotFoundError {
  return new NotFoundError({
    operation,
    message: `${operation}: not found`,
    outcome: 'rejected',
    attempts: 1,
    status: 404,
    method: 'GET',
    path: '/',
    headers: {},
  });
}
