import { brandError } from './error-brand';
import { MftBridgeError } from './mft-bridge-error';
import type { ErrorFacts } from './mft-bridge-error';

/** The caller's signal was aborted, or the transport was closed. */
export class AbortedError extends MftBridgeError {
  readonly attempts: number;

  static {
    brandError(this, 'AbortedError');
  }

  constructor(facts: ErrorFacts & { readonly attempts: number }) {
    super(facts);
    this.attempts = facts.attempts;
  }
}
