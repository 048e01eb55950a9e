import type { Clocks, EgressOptions, OptionNames, RetryOptions } from '@mft-bridge/http-transport';
import type { AuthOptions } from './auth/auth-options';
import type { Compat } from './operations/wire-names';
import type { TextOptions } from './submit/outgoing-message';

/** How to reach the gateway, and as whom. */
export interface As2GatewayClientOptions extends TextOptions {
  /** Default `https://api.mftgateway.com`. Plain http only on loopback, unless `allowInsecureHttp`. */
  readonly baseUrl?: string | undefined;
  /** `{ tokenId, tokenSecret }`, `{ username, password }` or `{ provider }`. */
  readonly auth: AuthOptions;
  /**
   * Requests per second over all calls of this client, spent by `CallOptions.priority`. Default 5 a second, bursts
   * of 10: the service documents no limit, its sister product 50 in 10 seconds. `false`: none.
   */
  readonly limit?: { readonly perSecond: number; readonly burst: number } | false | undefined;
  /** Hosts from which attachments may be fetched. Default `*.amazonaws.com`. */
  readonly downloadHosts?: readonly string[] | undefined;
  /** Lets the token travel in clear. Never against the real service. */
  readonly allowInsecureHttp?: boolean | undefined;
  /** Proxy and certificate authorities; nothing is read from the environment. */
  readonly egress?: EgressOptions | undefined;
  /** Tries, pauses and budget of calls that may be repeated; see `@mft-bridge/http-transport`. */
  readonly retry?: RetryOptions | undefined;
  /** Milliseconds until headers, without a byte, and in all; each call can set its own. */
  readonly clocks?: Partial<Clocks> | undefined;
  /** Generation of names that is *sent*. Default `v2` (since product version 3.1.1). Both are always read. */
  readonly compat?: Compat | undefined;
  /** The query parameter `service`. Default `as2`; false leaves it out (but where the service demands it). */
  readonly service?: 'as2' | false | undefined;
  /** A word before the token in `Authorization`, such as `Bearer`. Default none, as the vendor's documents say. */
  readonly tokenScheme?: string | undefined;
  /** Name of the parts when several attachments are sent. Default `File`. */
  readonly multipartField?: string | undefined;
  /** Sent as `User-Agent`. */
  readonly userAgent?: string | undefined;
  /** Milliseconds since 1970; for tests. */
  readonly now?: (() => number) | undefined;
  /** Waits; for tests. */
  readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
  /** 0 <= x < 1; for tests. */
  readonly random?: (() => number) | undefined;
}

/** A misspelt limit, proxy or clock would be none. */
export const clientOptionNames: OptionNames<As2GatewayClientOptions> = {
  baseUrl: true,
  auth: true,
  limit: true,
  downloadHosts: true,
  allowInsecureHttp: true,
  egress: true,
  retry: true,
  clocks: true,
  compat: true,
  service: true,
  tokenScheme: true,
  multipartField: true,
  userAgent: true,
  now: true,
  sleep: true,
  random: true,
  nonAsciiNames: true,
  nonAsciiSubject: true,
};
