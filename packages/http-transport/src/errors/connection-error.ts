import { brandError } from './error-brand';
import { MftBridgeError } from './mft-bridge-error';
import type { ErrorFacts } from './mft-bridge-error';

export interface ConnectionErrorFacts extends ErrorFacts {
  readonly code?: string | undefined;
  /** Host and port. */
  readonly host: string;
  readonly attempts: number;
}

/**
 * No whole answer came: refused, name unknown, TLS failed, proxy refused, reset, or the answer broke off.
 * `outcome` is `not-sent` where the connection was never there.
 */
export class ConnectionError extends MftBridgeError {
  /** The system's or TLS' word, such as `ECONNREFUSED` or `DEPTH_ZERO_SELF_SIGNED_CERT`. */
  declare readonly code?: string;
  readonly host: string;
  readonly attempts: number;

  static {
    brandError(this, 'ConnectionError');
  }

  constructor(facts: ConnectionErrorFacts) {
    super(facts);
    if (facts.code !== undefined) this.code = facts.code;
    this.host = facts.host;
    this.attempts = facts.attempts;
  }
}
