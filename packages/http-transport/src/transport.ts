import type { Readable } from 'node:stream';
import type { Clocks, Operation } from './operation';
import type { RequestLimit } from './request-limiter';
import type { TransportEvents } from './transport-events';

/** What is said of a single call. */
export interface CallOptions {
  /** Aborts waiting, sending and reading; raises AbortedError. */
  readonly signal?: AbortSignal | undefined;
  readonly clocks?: Partial<Clocks> | undefined;
  /** Tries in all, the first one counted. Default: `retry.maxAttempts` of the transport. */
  readonly maxAttempts?: number | undefined;
  /**
   * Whether a download that breaks off may be gone on with by a Range request. Default true; done only for `safe`
   * operations and links, and only where the server offers it (`Accept-Ranges: bytes`, Content-Length, a strong ETag).
   */
  readonly resume?: boolean | undefined;
  /** Higher is served first by the request limiter. Default 0. */
  readonly priority?: number | undefined;
  /** Bytes of the body handed over so far in the current try; starts again from 0 with each try. What it throws is ignored. */
  readonly onSent?: ((bytes: number) => void) | undefined;
}

/** The envelope of an answer. */
export interface Reply<T> {
  readonly data: T;
  readonly status: number;
  /** Allow-listed headers only, safe to log. */
  readonly headers: Readonly<Record<string, string>>;
  /** Any single header, for the client's own use; not safe to log. */
  header(name: string): string | undefined;
  readonly requestId?: string | undefined;
  /** Tries that were made, the last one counted. */
  readonly attempts: number;
}

/** The body of an answer as a stream. Read it to its end or destroy it: until then it holds a connection. */
export interface Download {
  /**
   * Errors with ConnectionError when it breaks off or is shorter than announced, with TimeoutError when a clock ran
   * out, with AbortedError when the signal was aborted. Where the server offers it, a body that breaks off is gone on
   * with where it broke (see `CallOptions.resume`), never from another version of the file.
   */
  readonly body: Readable;
  /** Content-Length in bytes. */
  readonly size?: number | undefined;
  readonly contentType?: string | undefined;
  /** Set when the server encoded the bytes although `identity` was asked for; `body` yields them as they came. */
  readonly contentEncoding?: string | undefined;
  readonly status: number;
  readonly attempts: number;
}

/** What a foreign absolute URL must satisfy before it is fetched. */
export interface UrlRules {
  /** Exact host names or `*.example.com` (one or more labels in front). Port and case do not matter. */
  readonly hosts: readonly string[];
  /** Permits `http:` and loopback addresses, for a service that itself runs on this machine. */
  readonly allowLoopbackHttp: boolean;
  /** Name for errors, hooks and metrics. */
  readonly operation: string;
}

/**
 * One HTTP API, called by its declared operations. Safe to share: calls may run in parallel without limit, each has
 * its own clocks and tries; token, limiter, retry budget and connections are common to all.
 *
 * All methods raise the errors listed in the README of this package, and no others.
 */
export interface Transport {
  /** Calls an operation and returns its validated output (`undefined` for an empty answer without output schema). */
  call<In, Out>(operation: Operation<In, Out>, input: In, options?: CallOptions): Promise<Out>;
  /** As `call`, with status, headers and attempts. */
  send<In, Out>(operation: Operation<In, Out>, input: In, options?: CallOptions): Promise<Reply<Out>>;
  /** Returns as soon as the headers are there; `totalMs` goes on until the body was read. */
  download<In>(operation: Operation<In, unknown>, input: In, options?: CallOptions): Promise<Download>;
  /**
   * Fetches a foreign absolute URL, such as a pre-signed one. No Authorization header is sent, the query is treated as
   * a secret, and the address that is really connected to must be public (see UrlRules). Behind an `egress.proxy` the
   * proxy resolves the name, and only the host list is checked.
   *
   * @example
   * const { body } = await transport.downloadUrl(link, { hosts: ['*.amazonaws.com'], allowLoopbackHttp: false, operation: 'attachments.open' });
   */
  downloadUrl(url: string, rules: UrlRules, options?: CallOptions): Promise<Download>;
  /** Observes; what a listener throws is ignored. Returns the function that removes it. */
  on<E extends keyof TransportEvents>(event: E, listener: (event: TransportEvents[E]) => void): () => void;
  /**
   * Changes how many requests may be sent, for processes that divide one limit among them. Without effect where the transport
   * was made without a limit.
   */
  setLimit(limit: RequestLimit): void;
  /** Aborts what is under way (AbortedError), closes the session and all connections. Later calls are refused. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
