import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { checkOptionNames, createTransport } from '@mft-bridge/http-transport';
import type { CallOptions, Operation, Transport } from '@mft-bridge/http-transport';
import { readCredentials } from './auth/auth-options';
import { createGatewaySession } from './auth/gateway-session';
import { createClientEvents } from './client-events';
import type { As2GatewayEvents, ClientEvents } from './client-events';
import { clientOptionNames } from './client-options';
import type { As2GatewayClientOptions } from './client-options';
import { downloadRules } from './download-rules';
import { hintFor } from './hints';
import { certificateOperations } from './operations/certificates';
import { inboxOperations } from './operations/inbox';
import { outboxOperations } from './operations/outbox';
import { partyOperations } from './operations/parties';
import { submitOperation } from './operations/submit';
import { wireNames } from './operations/wire-names';
import { createCertificates } from './resources/certificates';
import type { Certificates } from './resources/certificates';
import { createInbox } from './resources/inbox';
import type { Inbox } from './resources/inbox';
import { createMessages } from './resources/messages';
import type { Messages } from './resources/messages';
import { createOutbox } from './resources/outbox';
import type { Outbox } from './resources/outbox';
import { createPartners } from './resources/partners';
import type { Partners } from './resources/partners';
import type { ResourceContext } from './resources/resource-context';
import { createStations } from './resources/stations';
import type { Stations } from './resources/stations';
import { readGatewayError } from './schemas/error-body';
import { watchOldNames } from './watch-old-names';

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
  /** Messages that partners sent to us. */
  readonly inbox: Inbox;
  /** Messages that we sent, or that wait to be sent. */
  readonly outbox: Outbox;
  /** Sending. */
  readonly messages: Messages;
  /** Our own AS2 identities. */
  readonly stations: Stations;
  /** The AS2 identities on the other side. */
  readonly partners: Partners;
  /** The certificates that the gateway holds. */
  readonly certificates: Certificates;
  readonly #transport: Transport;
  readonly #events: ClientEvents;

  /** @throws InvalidRequestError when `auth` is not exactly one whole way to log in, or an address is refused. */
  constructor(options: As2GatewayClientOptions) {
    checkOptionNames('client.create', options, clientOptionNames);
    const {
      baseUrl = DEFAULT_BASE_URL,
      limit = DEFAULT_LIMIT,
      now = Date.now,
      sleep = defaultSleep,
    } = options;
    const plain: Transport = createTransport({
      baseUrl,
      session: createGatewaySession({
        credentials: readCredentials(options.auth),
        scheme: options.tokenScheme,
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
    const events = createClientEvents(plain);
    const transport = watchOldNames(plain, events.oldName);
    const context: ResourceContext = {
      transport,
      rules: downloadRules(baseUrl, options.downloadHosts),
      now,
      sleep,
      hint: events.hint,
    };
    const names = wireNames(options.compat ?? 'v2', options.service);
    const submit = submitOperation(names, {
      field: options.multipartField ?? 'File',
      boundary: freshBoundary,
    });
    const parties = partyOperations(names);
    this.#transport = transport;
    this.#events = events;
    this.inbox = createInbox(inboxOperations(names), context);
    this.outbox = createOutbox(outboxOperations(names), context);
    this.messages = createMessages(submit, options, context);
    this.stations = createStations(parties, context);
    this.partners = createPartners(parties, context);
    this.certificates = createCertificates(certificateOperations(names), context);
  }

  /**
   * Calls what this client does not model, with its token, retries, limits and errors. Add `service: 'as2'` to the
   * query yourself.
   *
   * @example
   * const removed = await gateway.request(
   *   {
   *     name: 'partners.delete', method: 'DELETE', path: '/partner/{identifier}', safety: 'idempotent',
   *     encode: ({ identifier }) => ({ params: { identifier }, query: { service: 'as2' } }),
   *   },
   *   { identifier: 'ACME' },
   * );
   */
  request<In, Out>(operation: Operation<In, Out>, input: In, options?: CallOptions): Promise<Out> {
    return this.#transport.call(operation, input, options);
  }

  /**
   * Observes requests, answers, retries, deprecations and hints; no event carries a secret. Returns what removes it.
   * Deprecations (also one for each old field name met) and hints become warnings of the process where nobody listens.
   *
   * @example gateway.on('hint', ({ operation, notice }) => log.warn({ operation }, notice));
   */
  on<E extends keyof As2GatewayEvents>(event: E, listener: (event: As2GatewayEvents[E]) => void): () => void {
    return this.#events.on(event, listener);
  }

  /**
   * Changes how many requests it sends: for programs of several processes that divide what the service grants to the account.
   * 0 a second sends nothing until the next change. Without effect on a client that was made with `limit: false`.
   *
   * @example gateway.setLimit({ perSecond: 5 / processes, burst: 1 });
   */
  setLimit(limit: { readonly perSecond: number; readonly burst: number }): void {
    this.#transport.setLimit(limit);
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
