import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { createTransport } from '@mft-bridge/http-transport';
import type { CallOptions, Operation, Transport, TransportEvents } from '@mft-bridge/http-transport';
import { readCredentials } from './auth/auth-options';
import { createGatewaySession } from './auth/gateway-session';
import type { As2GatewayClientOptions } from './client-options';
import { downloadRules } from './download-rules';
import { hintFor } from './hints';
import { inboxOperations } from './operations/inbox';
import { outboxOperations } from './operations/outbox';
import { submitOperation } from './operations/submit';
import { wireNames } from './operations/wire-names';
import { createInbox } from './resources/inbox';
import type { Inbox } from './resources/inbox';
import { createMessages } from './resources/messages';
import type { Messages } from './resources/messages';
import { createOutbox } from './resources/outbox';
import type { Outbox } from './resources/outbox';
import type { ResourceContext } from './resources/resource-context';
import { readGatewayError } from './schemas/error-body';

const DEFAULT_BASE_URL = 'https://api.mftgateway.com';
const DEFAULT_LIMIT = { perSecond: 5, burst: 10 };

/**
 * Client of the MFT Gateway (AS2) REST API.
 *
 * Concurrency: make one for each account and share it. Any number of calls may run at a time; they share one token
 * (renewed ahead of its end, by one caller for all), one request limit, one retry budget and one pool of
 * connections. Nothing happens before the first call: no login, no timer, no look into the environment. After
 * `close` every call is refused.
 *
 * @example
 * const gateway = new As2GatewayClient({ auth: { tokenId, tokenSecret } });
 * const { ids } = await gateway.inbox.list({ station: 'HUB' });
 */
export class As2GatewayClient {
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly messages: Messages;
  readonly #transport: Transport;

  /** @throws InvalidRequestError when `auth` is not exactly one whole way to log in, or an address is refused. */
  constructor(options: As2GatewayClientOptions) {
    const {
      baseUrl = DEFAULT_BASE_URL,
      limit = DEFAULT_LIMIT,
      now = Date.now,
      sleep = defaultSleep,
    } = options;
    const transport: Transport = createTransport({
      baseUrl,
      session: createGatewaySession({
        credentials: readCredentials(options.auth),
        transport: () => transport,
        now,
      }),
      limit,
      allowInsecureHttp: options.allowInsecureHttp,
      egress: options.egress,
      retry: options.retry,
      clocks: options.clocks,
      userAgent: options.userAgent,
      readError: readGatewayError,
      hint: hintFor,
      now,
      sleep,
      random: options.random,
    });
    const context: ResourceContext = {
      transport,
      rules: downloadRules(baseUrl, options.downloadHosts),
      now,
      sleep,
    };
    const names = wireNames(options.compat ?? 'v2');
    const submit = submitOperation({ field: options.multipartField ?? 'File', boundary: freshBoundary });
    this.#transport = transport;
    this.inbox = createInbox(inboxOperations(names), context);
    this.outbox = createOutbox(outboxOperations(names), context);
    this.messages = createMessages(submit, options, context);
  }

  /**
   * Calls what this client does not model, with its token, retries, limits and errors. Add `service: 'as2'` to the
   * query yourself.
   *
   * @example
   * const stations = await gateway.request(
   *   { name: 'stations.list', method: 'GET', path: '/station', safety: 'safe', encode: () => ({ query: { service: 'as2' } }) },
   *   undefined,
   * );
   */
  request<In, Out>(operation: Operation<In, Out>, input: In, options?: CallOptions): Promise<Out> {
    return this.#transport.call(operation, input, options);
  }

  /** Observes requests, answers, retries and deprecations; no event carries a secret. Returns what removes it. */
  on<E extends keyof TransportEvents>(event: E, listener: (event: TransportEvents[E]) => void): () => void {
    return this.#transport.on(event, listener);
  }

  /** Aborts what is under way (AbortedError) and closes all connections. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function defaultSleep(ms: number, signal?: AbortSignal): Promise<void> {
  await wait(ms, undefined, signal ? { signal } : {});
}

// 128 random bits: that content holds it by chance or by intent is out of the question.
function freshBoundary(): string {
  return `mft-bridge-${randomBytes(16).toString('hex')}`;
}
