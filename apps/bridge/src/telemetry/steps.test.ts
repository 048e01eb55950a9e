import diagnosticsChannel from 'node:diagnostics_channel';
import { publishStep, stepChannelName } from './steps';

test('whoever subscribed before gets each step, at once', () => {
  const seen: unknown[] = [];
  const listener = (step: unknown): void => void seen.push(step);
  const step = { stage: 'fetch', point: 'deposited', subject: '<1>' } as const;
  publishStep(step);
  diagnosticsChannel.subscribe(stepChannelName, listener);
  publishStep(step);
  expect(seen).toEqual([step]);
  diagnosticsChannel.unsubscribe(stepChannelName, listener);
  publishStep(step);
  expect(seen).toHaveLength(1);
});
