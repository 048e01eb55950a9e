import express from 'express';
import type { Request, Response } from 'express';
import type { RequestListener } from 'node:http';
import { createCallLog } from '../call-log';
import { createRoutes } from '../routes';
import { addClockRoutes } from './clock-routes';
import type { ControlContext } from './control-context';
import { ControlError } from './control-error';
import { addFaultRoutes } from './fault-routes';
import { addObserverRoutes } from './observer-routes';
import { addPartnerRoutes } from './partner-routes';
import { addScannerRoutes } from './scanner-routes';
import { addScriptRoutes } from './script-routes';

/** Files of a test are sent as base64: 48 MB of content. Larger ones are generated. */
const BODY_LIMIT = '64mb';

/** The control listener: plays the partners, makes things go wrong, and tells what really happened. */
export function createControlApp(context: ControlContext): RequestListener {
  const { gateway, scanner } = context;
  const routes = createRoutes(createCallLog(), Date.now);
  routes.app.use(refuseBrowsers);
  routes.app.use(express.json({ limit: BODY_LIMIT, type: () => true, strict: false }));

  routes.add('GET', '/health', (_request, response) => void response.json(health(context)));
  for (const [name, service] of Object.entries({ gateway, scanner }))
    for (const action of ['unplug', 'plug'] as const)
      routes.add('POST', `/services/${name}/${action}`, async (_request, response) => {
        await service[action]();
        response.json({ plugged: service.plugged });
      });
  for (const add of [
    addPartnerRoutes,
    addFaultRoutes,
    addScriptRoutes,
    addScannerRoutes,
    addClockRoutes,
    addObserverRoutes,
  ])
    add(routes, context);
  routes.add('POST', '/stop', (_request, response) => {
    response.once('finish', context.stop);
    response.json({ stopping: true });
  });

  routes.otherwise(
    () => {
      throw new ControlError(404, 'The control listener has no such address; see the README of the sandbox.');
    },
    (error, _request, response) => void response.status(statusOf(error)).json({ error: textOf(error) }),
  );
  return routes.app;
}

/** Addresses and credentials: the answer of `GET /health` and the line that the command prints. */
export function health({ gateway, scanner }: Pick<ControlContext, 'gateway' | 'scanner'>): object {
  return {
    gateway: {
      url: gateway.url,
      filesUrl: gateway.filesUrl,
      plugged: gateway.plugged,
      credentials: gateway.credentials,
      seed: gateway.faults.seed,
    },
    scanner: {
      url: scanner.url,
      apiKey: scanner.apiKey,
      plugged: scanner.plugged,
      seed: scanner.faults.seed,
    },
  };
}

/**
 * A web page may send requests to loopback, and a foreign name may be made to point there. Neither is a test:
 * pages announce themselves by `Origin`, foreign names stand in `Host`.
 */
function refuseBrowsers(request: Request, _response: Response, next: () => void): void {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  if (request.headers.origin !== undefined || !['127.0.0.1', 'localhost', '[::1]'].includes(host))
    throw new ControlError(
      403,
      'The control listener answers programs of this machine only, by its loopback address.',
    );
  next();
}

function statusOf(error: unknown): number {
  if (error instanceof ControlError) return error.status;
  const { status } = error as { status?: unknown };
  return typeof status === 'number' ? status : 500;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
