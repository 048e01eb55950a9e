import type { HttpMethod } from './operation';

/** What every event tells. No event carries a URL, a query, a body or a header value that is not allow-listed. */
export interface CallFacts {
  readonly operation: string;
  readonly method: HttpMethod;
  /** The template, not the filled path. */
  readonly path: string;
  /** Host and port that are called. */
  readonly host: string;
  /** 1 for the first try. */
  readonly attempt: number;
}

/** A try begins. */
export type RequestEvent = CallFacts;

/** An answer came, good or bad. */
export interface ResponseEvent extends CallFacts {
  readonly status: number;
  readonly requestId?: string | undefined;
  /** From the start of this try until the answer was read, or until the headers of a download. */
  readonly durationMs: number;
  /** The answer's `Date` in epoch ms, to the second: who compares it with the own clock finds that one of both is wrong. */
  readonly serverTime?: number | undefined;
}

/** A try failed, and another one follows. */
export interface RetryEvent extends CallFacts {
  /** `replay` is the one repetition after a renewed token. */
  readonly reason: 'status' | 'connection' | 'timeout' | 'cut' | 'replay';
  readonly status?: number | undefined;
  readonly afterMs: number;
  /** A download that broke off is gone on with, from this byte. */
  readonly fromByte?: number | undefined;
}

/** A call or a field is going to end: the server says so, or it is known to the client. */
export interface DeprecationEvent {
  readonly operation: string;
  /** `table` is our own knowledge, the others are headers of the answer. */
  readonly source: 'table' | 'deprecation' | 'sunset' | 'warning' | 'link';
  /** One sentence for people. */
  readonly notice: string;
  /** The date after which the call may stop to work, as the server wrote it. */
  readonly sunset?: string | undefined;
}

/** What can be observed, by name. */
export interface TransportEvents {
  request: RequestEvent;
  response: ResponseEvent;
  retry: RetryEvent;
  deprecation: DeprecationEvent;
}
