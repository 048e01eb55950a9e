import type { HttpMethod } from '../operation';
import { brandError } from './error-brand';
import { MftBridgeError } from './mft-bridge-error';
import type { ErrorFacts } from './mft-bridge-error';

export interface ApiErrorFacts extends ErrorFacts {
  readonly status: number;
  /** The API's own word for what went wrong. */
  readonly code?: string | undefined;
  readonly requestId?: string | undefined;
  readonly method: HttpMethod;
  /** The template, not the filled path. */
  readonly path: string;
  /** Allow-listed. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed when it was JSON of at most 16 KiB, else the first 2 KiB as text. */
  readonly body?: unknown;
  readonly attempts: number;
  /** What Retry-After asked for, in milliseconds; set also where it was too long to be waited for. */
  readonly retryAfterMs?: number | undefined;
}

/** The server answered with a status other than 2xx. One subclass per status that callers tell apart. */
export class ApiError extends MftBridgeError {
  readonly status: number;
  declare readonly code?: string;
  declare readonly requestId?: string;
  readonly method: HttpMethod;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * What the server wrote, for code that knows the API. Servers echo what they were sent, secrets too: the field is
   * therefore not enumerable, so that inspect, JSON and loggers pass it by. Do not log it.
   */
  declare readonly body?: unknown;
  readonly attempts: number;
  declare readonly retryAfterMs?: number;

  static {
    brandError(this, 'ApiError');
  }

  constructor(facts: ApiErrorFacts) {
    super(facts);
    this.status = facts.status;
    if (facts.code !== undefined) this.code = facts.code;
    if (facts.requestId !== undefined) this.requestId = facts.requestId;
    this.method = facts.method;
    this.path = facts.path;
    this.headers = facts.headers;
    this.attempts = facts.attempts;
    if (facts.retryAfterMs !== undefined) this.retryAfterMs = facts.retryAfterMs;
    Object.defineProperty(this, 'body', { value: facts.body, enumerable: false });
  }

  /** Another name of `code`: what APIs with message keys (`ui_message_key`) call it. On the prototype, so that it is logged once. */
  get key(): string | undefined {
    return this.code;
  }
}
