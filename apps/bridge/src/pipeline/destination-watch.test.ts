import type { Destination } from '../destinations/destination';
import { createActivity } from '../telemetry/activity';
import { createLogger } from '../telemetry/log';
import { createDestinationWatch } from './destination-watch';

const log = createLogger({ level: 'error', destination: { write: () => undefined } });

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('/readyz tells of a destination that is away, and when it is back; one that hangs keeps nobody waiting', async () => {
  const activity = createActivity({ now: () => 0 });
  const told = (): string[] =>
    activity
      .readiness()
      .reasons.filter(({ part }) => part.startsWith('destination'))
      .map(({ part, reason }) => `${part}: ${reason}`);
  let share: Error | null = new Error('its share is not mounted');
  const archive = { check: () => (share === null ? Promise.resolve() : Promise.reject(share)) };
  const hanging = { check: () => new Promise<void>(() => undefined) };
  const destinations = new Map([
    ['hanging', hanging as unknown as Destination],
    ['archive', archive as unknown as Destination],
  ]);
  const hastened: unknown[] = [];
  let broken: Error | null = new Error('the ledger is away');
  const due = {
    hasten: (query: unknown) => {
      if (broken !== null) return Promise.reject(broken);
      hastened.push(query);
      return Promise.resolve();
    },
  };
  const wake = jest.fn();
  const watch = createDestinationWatch({ destinations, activity, log, ledger: { due }, now: () => 7, wake });
  watch.start();
  await jest.advanceTimersByTimeAsync(0);
  expect(told()).toEqual(['destination archive: its share is not mounted']);
  share = null;
  await jest.advanceTimersByTimeAsync(15_000);
  expect(told()).toEqual([]);
  // What waited is brought forward as soon as the ledger takes it, and once.
  broken = null;
  await jest.advanceTimersByTimeAsync(30_000);
  expect(hastened).toEqual([
    { kinds: ['deliver', 'reconcile'], why: 'Destination archive is away: ', at: 7 },
  ]);
  expect(wake).toHaveBeenCalledTimes(1);
  share = new Error('gone again');
  await jest.advanceTimersByTimeAsync(15_000);
  expect(told()).toEqual(['destination archive: gone again']);
  const stopped = watch.stop();
  await jest.advanceTimersByTimeAsync(2_000);
  await stopped;
  expect(jest.getTimerCount()).toBe(0);
});
