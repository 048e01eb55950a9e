import express from 'express';
import type { Request, Response } from 'express';
import type { RequestListener } from 'node:http';
import { createCallLog } from '../call-log';
import type { As2GatewaySandbox } from '../gateway/as2-gateway-sandbox';
import { createRoutes } from '../routes';
import type { MetaDefenderSandbox } from '../scanner/metadefender-sandbox';
import { ControlError } from './control-error';
import { parsePartnerMessage } from './parse-partner-message';

/** What the control listener controls. */
export interface ControlContext {
  readonly gateway: As2GatewaySandbox;
  readonly scanner: MetaDefenderSandbox;
  /** Ends the whole process, after the answer left. */
  readonly stop: () => void;
}

/** Files of a test are sent as base64: 48 MB of content. Larger ones are generated. */
const BODY_LIMIT = '64mb';

/** The control listener: plays the partners, pulls the plugs, and tells what really happened. */
export function createControlApp(context: ControlContext): RequestListener {
  const { gateway, scanner } = context;
  const routes = createRoutes(createCallLog(), Date.now);
  routes.app.use(refuseBrowsers);
  routes.app.use(express.json({ limit: BODY_LIMIT, type: () => true, strict: false }));

  routes.add('GET', '/health', (_request, response) => void response.json(health(context)));

  routes.add('POST', '/partners/{id}/send', async (request, response) => {
    const id = String(request.params['id']);
    if (!gateway.partners.includes(id))
      throw new ControlError(
        404,
        `There is no partner ${id}: this gateway has ${gateway.partners.join(', ')}.`,
      );
    const message = parsePartnerMessage(request.body);
    if (message.to !== undefined && !gateway.stations.includes(message.to))
      throw new ControlError(
        400,
        `There is no station ${message.to}: this gateway has ${gateway.stations.join(', ')}.`,
      );
    if (message.messageId === '') throw new ControlError(400, '`messageId` cannot be empty.');
    response.json(await gateway.partner(id).send(message));
  });

  for (const [name, service] of Object.entries({ gateway, scanner }))
    for (const action of ['unplug', 'plug'] as const)
      routes.add('POST', `/services/${name}/${action}`, async (_request, response) => {
        await service[action]();
        response.json({ plugged: service.plugged });
      });

  routes.add('GET', '/observer', (_request, response) => {
    response.json({
      sent: gateway.sent,
      received: gateway.received.map((record) => ({ ...record, partner: record.to })),
      scanned: scanner.scanned,
      calls: sum(gateway.calls, scanner.calls),
    });
  });

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
    },
    scanner: { url: scanner.url, apiKey: scanner.apiKey, plugged: scanner.plugged },
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

function sum(...counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const count of counts)
    for (const [operation, calls] of Object.entries(count)) all[operation] = (all[operation] ?? 0) + calls;
  return all;
}

function statusOf(error: unknown): number {
  if (error instanceof ControlError) return error.status;
  const { status } = error as { status?: unknown };
  return typeof status === 'number' ? status : 500;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
