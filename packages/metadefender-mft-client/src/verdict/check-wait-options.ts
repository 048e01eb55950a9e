import { InvalidRequestError } from '@mft-bridge/http-transport';
import type { WaitOptions } from './wait-options';

/**
 * What a missing environment variable or a wrong unit makes of a wait: NaN would end every pause at once, and the server would be asked
 * a thousand times a second.
 *
 * @throws InvalidRequestError
 */
export function checkWaitOptions(
  options: Pick<WaitOptions, 'timeoutMs' | 'minIntervalMs' | 'maxIntervalMs'>,
  operation: string,
): void {
  check('timeoutMs', options.timeoutMs, 0);
  check('minIntervalMs', options.minIntervalMs, 1);
  check('maxIntervalMs', options.maxIntervalMs, 1);

  function check(name: string, value: number | undefined, least: number): void {
    if (value === undefined || (Number.isFinite(value) && value >= least)) return;
    throw new InvalidRequestError({
      operation,
      message: `${name} is ${String(value)}.`,
      hint: `Pass milliseconds, a finite number of at least ${String(least)}. A wait without an end is not offered: the server may take for ever.`,
    });
  }
}
