import type { SendWindow } from './send-window';
import { openSendWindow, SendWindowClosedError } from './send-window';

const clocks = { wall: 1_000_000, monotonic: 5_000 };
let step: AbortController;
let window: SendWindow;

beforeEach(() => {
  Object.assign(clocks, { wall: 1_000_000, monotonic: 5_000 });
  step = new AbortController();
  window = openSendWindow({
    forMs: 60_000,
    now: () => clocks.wall,
    monotonic: () => clocks.monotonic,
    signal: step.signal,
  });
});
afterEach(() => window.end());

test('open, it lets pass and says what is left', () => {
  clocks.wall += 10_000;
  clocks.monotonic += 10_000;
  window.check();
  expect(window.sendBy).toBe(1_060_000);
  expect(window.leftMs()).toBe(50_000);
  expect(window.signal.aborted).toBe(false);
});

test.each([
  ['both clocks went on: the process was stopped', 60_000, 60_000],
  ['the monotonic one alone: somebody set the wall clock back', -3_600_000, 60_000],
  ['the wall clock alone: the machine was suspended', 60_000, 100],
])('too late by either clock, nothing passes any more (%s)', (_name, wall, monotonic) => {
  clocks.wall += wall;
  clocks.monotonic += monotonic;
  expect(() => window.check()).toThrow(SendWindowClosedError);
  expect(window.signal.aborted).toBe(true);
  expect(window.leftMs()).toBe(0);
});

test('once it was too late it stays so, whatever the clocks say later', () => {
  clocks.monotonic += 60_000;
  expect(() => window.check()).toThrow(SendWindowClosedError);
  clocks.monotonic -= 60_000;
  expect(() => window.check()).toThrow(SendWindowClosedError);
});

test('with the step it is aborted, for the reason of the step', () => {
  step.abort(new Error('the bridge was stopped'));
  expect(() => window.check()).toThrow('the bridge was stopped');
});

test('of a step that was aborted already nothing passes', () => {
  step.abort(new Error('the bridge was stopped'));
  const late = openSendWindow({
    forMs: 1_000,
    now: () => 0,
    monotonic: () => 0,
    signal: step.signal,
  });
  expect(() => late.check()).toThrow('the bridge was stopped');
  late.end();
});

describe('by itself', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test('it aborts at its end, and not once the call is over', () => {
    const open = () =>
      openSendWindow({ forMs: 1_000, now: () => 0, monotonic: () => 0, signal: step.signal });
    const [running, over] = [open(), open()];
    over.end();
    jest.advanceTimersByTime(1_000);
    expect(running.signal.reason).toBeInstanceOf(SendWindowClosedError);
    expect(over.signal.aborted).toBe(false);
  });
});
