import { brandError } from './error-brand';
import { MftBridgeError } from './mft-bridge-error';
import type { ErrorFacts } from './mft-bridge-error';

/** One field that a schema refused; never with its value. */
export interface FieldIssue {
  /** Dotted place of the field, such as `files.0.size`; empty for the whole value. */
  readonly path: string;
  /** Machine word of the schema library, such as `invalid_type`. */
  readonly code: string;
  readonly message?: string | undefined;
}

/** The call was refused on this side: its input or the configuration is wrong. Nothing was sent. */
export class InvalidRequestError extends MftBridgeError {
  readonly issues: readonly FieldIssue[];

  static {
    brandError(this, 'InvalidRequestError');
  }

  constructor(facts: Omit<ErrorFacts, 'outcome'> & { readonly issues?: readonly FieldIssue[] | undefined }) {
    super({ ...facts, outcome: 'not-sent' });
    this.issues = facts.issues ?? [];
  }
}
