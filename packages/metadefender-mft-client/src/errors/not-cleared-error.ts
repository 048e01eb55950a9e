import { brandError, hasBrand, MftBridgeError } from '@mft-bridge/http-transport';
import type { Verdict } from '../verdict/verdict';

/**
 * Somebody asked for cleared bytes, and there is no proof that these are. {@link NotClearedError.verdict} says why.
 */
export class NotClearedError extends MftBridgeError {
  /** what was proved instead */
  readonly verdict: Verdict;

  static {
    brandError(this, 'NotClearedError');
  }

  constructor(verdict: Verdict, why?: string) {
    const reasons = verdict.reasons.map((reason) => reason.text).join(' ');
    super({
      message: [why ?? `The file is ${verdict.status}, not cleared.`, reasons]
        .filter((part) => part !== '')
        .join(' '),
      operation: 'files.downloadCleared',
      outcome: 'rejected',
      hint:
        verdict.status === 'pending'
          ? 'Wait for it with files.waitForVerdict.'
          : 'Do not pass these bytes on; what to do with them is for a person to decide.',
    });
    this.verdict = verdict;
  }
}

/** Whether a thrown value is a {@link NotClearedError}, also one of another copy of this package. */
export function isNotClearedError(error: unknown): error is NotClearedError {
  return hasBrand(error, 'NotClearedError');
}
