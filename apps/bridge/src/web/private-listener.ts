import { createServer } from 'node:http';
import type { RequestHandler } from 'express';
import express from 'express';
import type { Logger } from 'pino';
import type { Secret } from '../config/secret';
import type { Activity } from '../telemetry/activity';
import type { Metrics } from '../telemetry/metrics';
import type { ApiDependencies } from './api';
import { createApi } from './api';
import { requireBearer } from './bearer';
import { commandPath } from './command-routes';
import type { HttpListener } from './http-listener';
import { createHttpListener } from './http-listener';
import { answerErrors, RequestError } from './request-error';

export interface PrivateListenerDependencies extends ApiDependencies {
  readonly token: Secret;
  readonly activity: Pick<Activity, 'snapshot' | 'readiness'>;
  readonly metrics: Pick<Metrics, 'scrape' | 'contentType'>;
  readonly log: Logger;
}

/**
 * The private listener: `/livez` and `/readyz` for everyone who reaches it, all else behind the token.
 *
 * @example
 * const listener = createPrivateListener({ token, ledger, activity, metrics, log, newId, now, asked });
 * const { url } = await listener.listen({ host: '127.0.0.1', port: 8480 });
 */
export function createPrivateListener(dependencies: PrivateListenerDependencies): HttpListener {
  const server = createServer(createApp(dependencies));
  // Requests here are small and come from near: whoever is slower holds a connection and nothing else.
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;

  return createHttpListener(server, 'web.private');
}

function createApp({ token, metrics, log, ...api }: PrivateListenerDependencies): express.Express {
  const { activity } = api;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(secureHeaders);
  app.use(allowedMethods);

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
  app.use(apiRoot, createApi(api));
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

const apiRoot = '/api/v1';

/** By a list: whatever is not named here is refused before anything looks at it. */
const allowedMethods: RequestHandler = ({ method, path }, response, next) => {
  const isCommand = path.startsWith(apiRoot) && commandPath.test(path.slice(apiRoot.length));
  const allowed = isCommand ? ['POST'] : ['GET', 'HEAD'];
  if (allowed.includes(method)) {
    next();
    return;
  }
  response.setHeader('Allow', allowed.join(', '));
  const expected = allowed[0] ?? '';
  next(new RequestError(405, 'method-not-allowed', `${method} is not taken here; expected ${expected}.`));
};
