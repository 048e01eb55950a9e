import type { Rounds } from './rounds';
import { createRounds } from './rounds';

let rounds: Rounds | undefined;
beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
});
afterEach(async () => {
  await rounds?.stop();
  jest.useRealTimers();
});

function open(round: () => Promise<boolean> = () => Promise.resolve(false)): { at: number[]; hint(): void } {
  const at: number[] = [];
  rounds = createRounds({
    round: () => {
      at.push(Date.now() - 1_000_000);
      return round();
    },
    intervalMs: 15_000,
    hintGapMs: 1_000,
    now: Date.now,
  });
  rounds.start();
  return { at, hint: () => rounds?.hint() };
}

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

test('every interval, without a hint', async () => {
  const { at } = open();
  await pass(45_000);
  expect(at).toEqual([0, 15_000, 30_000, 45_000]);
});

test('a hint brings the next round forward, a second after the last one at the soonest', async () => {
  const { at, hint } = open();
  await pass(300);
  hint();
  await pass(5_000);
  hint();
  await pass(20_000);
  expect(at).toEqual([0, 1_000, 5_300, 20_300]);
});

test('a flood of hints is one round a second', async () => {
  const { at, hint } = open();
  for (let count = 0; count < 5_000; count += 1) {
    for (let more = 0; more < 20; more += 1) hint();
    await pass(1);
  }
  expect(at).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000]);
});

test('a hint during a round is not lost', async () => {
  let end: () => void = () => undefined;
  const { at, hint } = open(() => new Promise((resolve) => (end = () => resolve(false))));
  await pass(200);
  hint();
  await pass(3_000);
  end();
  await pass(0);
  expect(at).toEqual([0, 3_200]);
  end();
});

test('a clock that was put back delays nothing by more than the gap', async () => {
  const { at, hint } = open();
  await pass(300);
  jest.setSystemTime(1_000);
  hint();
  await pass(1_000);
  expect(at).toHaveLength(2);
});

test('at once while there is more', async () => {
  let left = 3;
  const { at } = open(() => Promise.resolve((left -= 1) > 0));
  await pass(0);
  expect(at).toEqual([0, 0, 0]);
});

test('stop ends the wait', async () => {
  const { at, hint } = open();
  await pass(1);
  await rounds?.stop();
  hint();
  await pass(60_000);
  expect(at).toEqual([0]);
});
