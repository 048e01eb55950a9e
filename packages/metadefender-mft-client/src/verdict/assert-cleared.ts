import { NotClearedError } from '../errors/not-cleared-error';
import type { ClearedVerdict, Verdict } from './verdict';

/**
 * Passes only a verdict `cleared`.
 *
 * @throws NotClearedError with the reasons
 * @example
 * assertCleared(await md.files.waitForVerdict(fileId)); // a script ends here with a readable error
 */
export function assertCleared(verdict: Verdict): asserts verdict is ClearedVerdict {
  if (verdict.status !== 'cleared') throw new NotClearedError(verdict);
}
