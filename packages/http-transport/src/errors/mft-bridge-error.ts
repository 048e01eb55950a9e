import { inspect } from 'node:util';
import type { InspectOptionsStylized } from 'node:util';
import { brandError } from './error-brand';

/**
 * What is known about the request at the server.
 *
 * - `not-sent`: it provably never left, so nothing happened there
 * - `rejected`: the server refused it, so nothing happened there
 * - `unknown`: it may have been carried out; look before sending an unsafe one again
 */
export type Outcome = 'not-sent' | 'rejected' | 'unknown';

export interface ErrorFacts {
  /** What happened, and what it means. */
  readonly message: string;
  readonly operation: string;
  readonly outcome: Outcome;
  /** What to do about it. */
  readonly hint?: string | undefined;
}

/**
 * The root of everything that this package throws. Nothing that a logger prints of it is secret.
 *
 * @example if (isMftBridgeError(error) && error.outcome === 'not-sent') retryLater();
 */
export class MftBridgeError extends Error {
  readonly operation: string;
  readonly outcome: Outcome;
  declare readonly hint?: string;

  static {
    brandError(this, 'MftBridgeError');
  }

  constructor(facts: ErrorFacts) {
    super(facts.hint === undefined ? facts.message : `${facts.message} ${facts.hint}`);
    this.operation = facts.operation;
    this.outcome = facts.outcome;
    if (facts.hint !== undefined) this.hint = facts.hint;
  }

  /** Loggers that only use JSON would otherwise lose name and message, which Error keeps from enumeration. */
  toJSON(): Record<string, unknown> {
    const plain: Record<string, unknown> = { name: this.name, message: this.message };
    return Object.assign(plain, this);
  }

  /** `showHidden` would print what is kept from enumeration, such as the body that a server wrote. */
  [inspect.custom](_depth: number, options: InspectOptionsStylized): string {
    return inspect(this, { ...options, showHidden: false, customInspect: false });
  }
}
