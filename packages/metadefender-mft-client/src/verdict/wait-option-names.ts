import type { OptionNames } from '@mft-bridge/http-transport';
import type { WaitManyOptions } from './wait-for-verdicts';
import type { WaitOptions } from './wait-options';

const shared: OptionNames<Omit<WaitOptions, 'expected'>> = {
  timeoutMs: true,
  minIntervalMs: true,
  maxIntervalMs: true,
  signal: true,
  onVerdict: true,
};
const one: OptionNames<WaitOptions> = { ...shared, expected: true };
const many: OptionNames<WaitManyOptions> = { ...shared, perSecond: true, parallel: true };

/** The options that waits have: of any kind, for one file, and for many. */
export const waitOptionNames = { shared, one, many };
