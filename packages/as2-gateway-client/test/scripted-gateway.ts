import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { As2GatewayClient } from '../src/index';
import type { As2GatewayClientOptions } from '../src/index';

const LOGIN = 'POST /authorize';

/** A request as it arrived. */
export interface Seen {
  /** `GET /message/inbox`: the path decoded, without its query. */
  readonly call: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What is answered; a status of 200 unless given. */
export interface Answer {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server that answers as a test says, for what the sandbox knows only one answer to. */
export interface ScriptedGateway {
  readonly url: string;
  readonly seen: readonly Seen[];
  /** What arrived but for logging in. */
  calls(): string[];
  connect(options?: Partial<As2GatewayClientOptions>): As2GatewayClient;
  close(): Promise<void>;
}

/**
 * What `answer` leaves open is answered 404. `count` tells how often that very call was made, from 1. It is not asked
 * about logging in: that is `login`, by default a token with a number.
 */
export async function startScriptedGateway(
  answer: (request: Seen, count: number) => Answer | undefined,
  login: (count: number) => Answer = (count) => ({ json: { apiToken: `token-${String(count)}` } }),
): Promise<ScriptedGateway> {
  const seen: Seen[] = [];
  const clients: As2GatewayClient[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://host');
      const one: Seen = {
        call: `${request.method ?? ''} ${decodeURIComponent(pathname)}`,
        query: Object.fromEntries(searchParams),
        headers: request.headers,
        body: await buffer(request),
      };
      seen.push(one);
      const count = seen.filter(({ call }) => call === one.call).length;
      const reply: Answer = (one.call === LOGIN ? login(count) : answer(one, count)) ?? {
        status: 404,
        json: { message: 'Not Found' },
      };
      response.writeHead(reply.status ?? 200, {
        'content-type': reply.json === undefined ? 'text/html' : 'application/json',
        ...reply.headers,
      });
      response.end(reply.json === undefined ? reply.text : JSON.stringify(reply.json));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    url,
    seen,
    calls: () => seen.map(({ call }) => call).filter((call) => call !== LOGIN),
    connect(options = {}) {
      const auth = { tokenId: 'id', tokenSecret: 'secret' };
      const client = new As2GatewayClient({
        baseUrl: url,
        auth,
        limit: false,
        retry: { baseMs: 1, capMs: 2 },
        ...options,
      });
      clients.push(client);
      return client;
    },
    async close() {
      for (const client of clients) await client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
