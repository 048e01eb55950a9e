import { brandError } from './error-brand';
import { MftBridgeError } from './mft-bridge-error';
import type { ErrorFacts } from './mft-bridge-error';

/** The source of the body failed on this side, or yielded another number of bytes than it declared. Never retried. */
export class RequestBodyError extends MftBridgeError {
  /** The source's own word, such as `ENOENT`. */
  declare readonly code?: string;
  readonly attempts: number;

  static {
    brandError(this, 'RequestBodyError');
  }

  constructor(facts: ErrorFacts & { readonly code?: string | undefined; readonly attempts: number }) {
    super(facts);
    if (facts.code !== undefined) this.code = facts.code;
    this.attempts = facts.attempts;
  }
}
