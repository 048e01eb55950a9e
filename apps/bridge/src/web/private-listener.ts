import { createServer } from 'node:http';
import type { RequestHandler } from 'express';
import express from 'express';
import type { Logger } from 'pino';
import type { Secret } from '../config/secret';
import type { LedgerReader } from '../ledger/ledger-reader';
import type { Activity } from '../telemetry/activity';
import type { Metrics } from '../telemetry/metrics';
import { createApi } from './api';
import { requireBearer } from './bearer';
import { answerErrors, RequestError } from './request-error';

export interface PrivateListenerDependencies {
  readonly token: Secret;
  readonly ledger: Pick<LedgerReader, 'messages' | 'intakeFailures'>;
  readonly activity: Pick<Activity, 'snapshot' | 'readiness'>;
  readonly metrics: Pick<Metrics, 'scrape' | 'contentType'>;
  readonly log: Logger;
}

export interface PrivateListener {
  /** @returns where it really listens: `port` 0 takes any free one. Rejects with a sentence where the address is taken. */
  listen(address: { readonly host: string; readonly port: number }): Promise<{ url: string; port: number }>;
  /** Takes no more requests, gives those that run `graceMs` (2 s by default), then cuts them. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/**
 * The private listener: `/livez` and `/readyz` for everyone who reaches it, all else behind the token.
 *
 * @example
 * const listener = createPrivateListener({ token, ledger, activity, metrics, log });
 * const { url } = await listener.listen({ host: '127.0.0.1', port: 8480 });
 */
export function createPrivateListener(dependencies: PrivateListenerDependencies): PrivateListener {
  const server = createServer(createApp(dependencies));
  // Requests here are small and come from near: whoever is slower holds a connection and nothing else.
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;

  return {
    listen: ({ host, port }) =>
      new Promise((resolve, reject) => {
        server.once('error', (error: NodeJS.ErrnoException) => {
          reject(new Error(describeListenError(error, host, port), { cause: error }));
        });
        server.listen(port, host, () => {
          const address = server.address();
          const actual = typeof address === 'object' && address !== null ? address.port : port;
          resolve({
            port: actual,
            url: `http://${host.includes(':') ? `[${host}]` : host}:${String(actual)}`,
          });
        });
      }),
    close: ({ graceMs = 2_000 } = {}) =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), graceMs);
        // The only error is "not running", which is what was asked for.
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function createApp({ token, ledger, activity, metrics, log }: PrivateListenerDependencies): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(secureHeaders);
  app.use(readOnly);

  app.get('/livez', (_request, response) => {
    response.json({ live: true });
  });
  app.get('/readyz', (_request, response) => {
    const readiness = activity.readiness();
    response.status(readiness.ready ? 200 : 503).json(readiness);
  });

  // Before the routes and not on each: whoever has no token does not even learn which paths exist.
  app.use(requireBearer(token));
  app.get('/metrics', async (_request, response) => {
    response.setHeader('Content-Type', metrics.contentType);
    response.send(await metrics.scrape());
  });
  app.use('/api/v1', createApi({ ledger, activity }));
  app.use(() => {
    throw new RequestError(404, 'not-found', 'There is nothing at this path.');
  });
  app.use(answerErrors(log));
  return app;
}

const secureHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  });
  next();
};

const readOnly: RequestHandler = (request, response, next) => {
  if (request.method === 'GET' || request.method === 'HEAD') {
    next();
    return;
  }
  response.setHeader('Allow', 'GET, HEAD');
  next(new RequestError(405, 'method-not-allowed', `${request.method} is not taken here; expected GET.`));
};

function describeListenError({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  const where = `${host}:${String(port)}`;
  if (code === 'EADDRINUSE')
    return `${where} is in use: another bridge runs, or set web.private.port to a free port`;
  if (code === 'EACCES')
    return `${where} needs rights that this user does not have; set web.private.port to 1024 or more`;
  if (code === 'EADDRNOTAVAIL') return `${host} is no address of this machine; set web.private.host to one`;
  return `cannot listen on ${where}: ${message}`;
}
