import { brandError } from './error-brand';
import type { FieldIssue } from './invalid-request-error';
import { MftBridgeError } from './mft-bridge-error';
import type { ErrorFacts } from './mft-bridge-error';

/** The server said 2xx, but its body is not what the operation declares: no JSON, too large, or a field of another kind. */
export class ResponseShapeError extends MftBridgeError {
  readonly status: number;
  readonly issues: readonly FieldIssue[];
  declare readonly requestId?: string;

  static {
    brandError(this, 'ResponseShapeError');
  }

  constructor(
    facts: Omit<ErrorFacts, 'outcome'> & {
      readonly status: number;
      readonly issues?: readonly FieldIssue[] | undefined;
      readonly requestId?: string | undefined;
    },
  ) {
    super({ ...facts, outcome: 'unknown' });
    this.status = facts.status;
    this.issues = facts.issues ?? [];
    if (facts.requestId !== undefined) this.requestId = facts.requestId;
  }
}
