import type { CallOptions, OptionNames } from '@mft-bridge/http-transport';

/** What can be said of every single call, but for `onSent`. */
export const callOptionNames: OptionNames<Omit<CallOptions, 'onSent'>> = {
  signal: true,
  clocks: true,
  maxAttempts: true,
  resume: true,
  priority: true,
};
