import type { Clocks, EgressOptions, OptionNames, RetryOptions } from '@mft-bridge/http-transport';
import type { AuthOptions } from './auth/auth-options';
import type { FileNameEncoding } from './names/header-text';

/** How to reach the server, and as whom. Only `baseUrl` and `auth` are required; nothing is read from the environment. */
export interface ClientOptions {
  /** `https://host:8010`; `/vault_rest` is added. */
  readonly baseUrl: string;
  /** Who calls. */
  readonly auth: AuthOptions;
  /** Sends keys and files in clear over a network. Loopback needs no permission. */
  readonly allowInsecureHttp?: boolean | undefined;
  /** Proxy, certificate authorities and client certificate. MFT often stands behind a private authority: pass it as `ca`. */
  readonly egress?: EgressOptions | undefined;
  /** How often and how long a call that may be repeated is repeated; and how many repetitions the client as a whole may spend. */
  readonly retry?: RetryOptions | undefined;
  /** milliseconds; see `Clocks` */
  readonly clocks?: Partial<Clocks> | undefined;
  /** Requests per second over all calls. Default: none, as the server documents no limit. */
  readonly limit?: { readonly perSecond: number; readonly burst: number } | false | undefined;
  /** What this program calls itself in the header `user-agent`. */
  readonly userAgent?: string | undefined;
  /** How names travel in headers. Default `ascii`: any other name is refused. */
  readonly fileNames?: FileNameEncoding | undefined;
  /** Between the entries of `shareWith`, which the vendor's pages do not show readably. Default a comma. */
  readonly shareWithSeparator?: string | undefined;
  /** bytes of memory for the chunks of all uploads of this client; default 40 MiB */
  readonly uploadBufferBytes?: number | undefined;
  /** epoch milliseconds; for tests */
  readonly now?: (() => number) | undefined;
  /** 0 <= x < 1; for tests */
  readonly random?: (() => number) | undefined;
  /** waits, and rejects when the signal is aborted; for tests */
  readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

/** A misspelt limit, proxy or clock would be none. */
export const clientOptionNames: OptionNames<ClientOptions> = {
  baseUrl: true,
  auth: true,
  allowInsecureHttp: true,
  egress: true,
  retry: true,
  clocks: true,
  limit: true,
  userAgent: true,
  fileNames: true,
  shareWithSeparator: true,
  uploadBufferBytes: true,
  now: true,
  random: true,
  sleep: true,
};

/** People paste the address that they see elsewhere, with `/vault_rest` at its end. */
export const baseUrlOf = (baseUrl: string): string =>
  baseUrl.replace(/\/+$/, '').replace(/\/vault_rest$/, '');
