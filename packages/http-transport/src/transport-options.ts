import type { Clocks } from './operation';
import type { Session } from './session';

type Pem = string | Buffer | readonly (string | Buffer)[];

/** The way out. Nothing of it is ever read from the environment. */
export interface EgressOptions {
  /** `http://user:password@proxy:3128` or `https://…`; used by CONNECT, for plain http as well. */
  readonly proxy?: string | undefined;
  /** Hosts reached directly: exact, `.example.com` or `*.example.com` for all below it, or `*`. */
  readonly noProxy?: readonly string[] | undefined;
  /** Further certificate authorities in PEM, *instead of* the ones that Node brings. */
  readonly ca?: Pem | undefined;
  /** Client certificate and key in PEM. */
  readonly cert?: Pem | undefined;
  readonly key?: Pem | undefined;
  /** Of an encrypted `key`; a secret. */
  readonly passphrase?: string | undefined;
  /** Connections to one host at a time; further calls wait for a free one, within their own clocks. Default: no limit. */
  readonly maxSockets?: number | undefined;
  /** False: a connection of its own for each call, for proxies that drop kept ones without a word. Default true. */
  readonly keepAlive?: boolean | undefined;
}

/** Retries that the transport as a whole may spend, so that an outage is not multiplied by its callers. */
export interface RetryBudgetOptions {
  /** Retries in hand at the start and at most. Default 20. */
  readonly capacity?: number | undefined;
  /** Earned back by each call that succeeds. Default 0.2. */
  readonly perSuccess?: number | undefined;
  /** Earned back by time. Default 0.5. */
  readonly perSecond?: number | undefined;
}

/** How calls that may be repeated are repeated. */
export interface RetryOptions {
  /** Tries in all. Default 4. */
  readonly maxAttempts?: number | undefined;
  /** First upper bound of the wait; doubles with each try. Default 250. */
  readonly baseMs?: number | undefined;
  /** Highest upper bound of the wait. Default 20 000. */
  readonly capMs?: number | undefined;
  readonly budget?: RetryBudgetOptions | undefined;
}

/** What `hint` may look at. */
export interface FailureFacts {
  readonly operation: string;
  readonly status: number;
  readonly code?: string | undefined;
  readonly access?: 'user' | 'administrator' | undefined;
}

export interface TransportOptions {
  /** `https://host:port`, perhaps with a path; no user, no query. Plain http only to loopback, else see `allowInsecureHttp`. */
  readonly baseUrl: string;
  /** Path put before the path of every operation, such as `/vault_rest`. */
  readonly operationsPrefix?: string | undefined;
  /** Absent: no call is authorized. */
  readonly session?: Session | undefined;
  /** Sends tokens in clear over a network. */
  readonly allowInsecureHttp?: boolean | undefined;
  readonly egress?: EgressOptions | undefined;
  readonly retry?: RetryOptions | undefined;
  /** Requests per second over all calls of this transport, every try counted. Default: no limit. */
  readonly limit?: { readonly perSecond: number; readonly burst: number } | false | undefined;
  readonly clocks?: Partial<Clocks> | undefined;
  readonly userAgent?: string | undefined;
  /** Sent with each call to `baseUrl` (never by `downloadUrl`). */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The most that an answer to `call` may hold, in bytes after decompression. Default 64 MiB. */
  readonly maxResponseBytes?: number | undefined;
  /** Reads the machine code and the sentence out of this API's error body. */
  readonly readError?:
    | ((body: unknown, status: number) => { code?: string | undefined; message?: string | undefined })
    | undefined;
  /** A sentence on what to do, put at the end of the error's message. */
  readonly hint?: ((facts: FailureFacts) => string | undefined) | undefined;
  /** Epoch milliseconds. */
  readonly now?: (() => number) | undefined;
  /** 0 <= x < 1. */
  readonly random?: (() => number) | undefined;
  /** Waits; rejects when the signal is aborted. */
  readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
}
