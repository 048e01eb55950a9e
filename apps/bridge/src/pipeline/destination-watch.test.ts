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
  const watch = createDestinationWatch({ destinations, activity, log });
  watch.start();
  await jest.advanceTimersByTimeAsync(0);
  expect(told()).toEqual(['destination archive: its share is not mounted']);
  share = null;
  await jest.advanceTimersByTimeAsync(15_000);
  expect(told()).toEqual([]);
  share = new Error('gone again');
  await jest.advanceTimersByTimeAsync(15_000);
  expect(told()).toEqual(['destination archive: gone again']);
  const stopped = watch.stop();
  await jest.advanceTimersByTimeAsync(2_000);
  await stopped;
  expect(jest.getTimerCount()).toBe(0);
});
