import { InvalidRequestError } from './errors/invalid-request-error';
import type { Clocks } from './operation';
import { isLoopbackHost } from './public-address';
import { requestHeaders } from './request-headers';
import { sleep } from './sleep';
import type { TransportOptions } from './transport-options';

/** The options of a transport, checked and with their defaults. */
export interface TransportSettings {
  /** Origin, path and prefix, without a slash at the end. */
  readonly base: string;
  /** Sent with each request whose answer is read whole, with each download, and with each foreign link. */
  readonly wholeHeaders: Readonly<Record<string, string>>;
  readonly streamHeaders: Readonly<Record<string, string>>;
  readonly linkHeaders: Readonly<Record<string, string>>;
  readonly clocks: Clocks;
  readonly retry: { readonly maxAttempts: number; readonly baseMs: number; readonly capMs: number };
  readonly maxResponseBytes: number;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly options: TransportOptions;
}

const place = 'transport.create';

function refuse(message: string, hint: string): never {
  throw new InvalidRequestError({ operation: place, message, hint });
}

function checkedBase(options: TransportOptions): string {
  let url: URL;
  try {
    url = new URL(options.baseUrl);
  } catch {
    return refuse('The base URL is not a URL, so no call can be made.', 'Write it as https://host:port.');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return refuse('The base URL is neither https nor http.', 'Write it as https://host:port.');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    return refuse(
      'The base URL holds a user, a query or a fragment, which would end up in places where URLs are shown.',
      'Give credentials by the session, and nothing behind the path.',
    );
  }
  if (url.protocol === 'http:' && options.allowInsecureHttp !== true && !isLoopbackHost(url.hostname)) {
    return refuse(
      'The base URL is plain http to another machine: everyone on the way could read the token and the files.',
      'Use https, or set allowInsecureHttp if the way is protected by other means.',
    );
  }
  const prefix = options.operationsPrefix ?? '';
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}${prefix.replace(/^\/*(?=.)/, '/').replace(/\/+$/, '')}`;
}

function checkProxy(proxy: string | undefined): void {
  if (proxy === undefined) return;
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    refuse(
      'egress.proxy is not an http or https URL, so no call can be made.',
      'Write it as http://host:3128; SOCKS is not supported.',
    );
  }
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    refuse(
      'The user or password in egress.proxy holds a % that is not the beginning of an encoded character.',
      'Percent-encode both; a % is written %25.',
    );
  }
}

function checkNumbers(named: Readonly<Record<string, number | undefined>>, least: number): void {
  for (const [name, value] of Object.entries(named)) {
    if (value !== undefined && !(value >= least && Number.isFinite(value))) {
      refuse(`${name} must be a number of at least ${least}.`, 'Correct the option.');
    }
  }
}

export function transportSettings(options: TransportOptions): TransportSettings {
  const { clocks = {}, retry = {}, limit, maxResponseBytes } = options;
  checkProxy(options.egress?.proxy);
  checkNumbers(
    {
      'clocks.headersMs': clocks.headersMs,
      'clocks.idleMs': clocks.idleMs,
      'clocks.totalMs': clocks.totalMs,
      'retry.baseMs': retry.baseMs,
      'retry.capMs': retry.capMs,
      'retry.budget.capacity': retry.budget?.capacity,
      'retry.budget.perSuccess': retry.budget?.perSuccess,
      'retry.budget.perSecond': retry.budget?.perSecond,
    },
    0,
  );
  checkNumbers(
    {
      'retry.maxAttempts': retry.maxAttempts,
      maxResponseBytes,
      'egress.maxSockets': options.egress?.maxSockets,
    },
    1,
  );
  if (limit !== undefined && limit !== false) {
    checkNumbers({ 'limit.perSecond': limit.perSecond }, 0.001);
    checkNumbers({ 'limit.burst': limit.burst }, 1);
  }
  const agent = { 'user-agent': options.userAgent ?? 'mft-bridge-http-transport' };
  const asItIs = { accept: '*/*', 'accept-encoding': 'identity' };
  return {
    base: checkedBase(options),
    wholeHeaders: requestHeaders(
      place,
      { accept: 'application/json, */*;q=0.5', 'accept-encoding': 'gzip, deflate, br' },
      agent,
      options.headers,
    ),
    // A download is checked by its length, and hashed: it must come as it is kept.
    streamHeaders: requestHeaders(place, asItIs, agent, options.headers),
    linkHeaders: requestHeaders(place, asItIs, agent),
    clocks: {
      headersMs: clocks.headersMs ?? 30_000,
      idleMs: clocks.idleMs ?? 30_000,
      totalMs: clocks.totalMs ?? 600_000,
    },
    retry: {
      maxAttempts: retry.maxAttempts ?? 4,
      baseMs: retry.baseMs ?? 250,
      capMs: retry.capMs ?? 20_000,
    },
    maxResponseBytes: maxResponseBytes ?? 64 * 1024 * 1024,
    now: options.now ?? Date.now,
    random: options.random ?? Math.random,
    sleep: options.sleep ?? sleep,
    options,
  };
}
