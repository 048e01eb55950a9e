import type { Express, Request, Response } from 'express';
import express from 'express';
import type { CallLog } from './call-log';
import type { RouteFaults } from './faults/route-faults';

type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Answers one operation. What it throws goes to `failed`. */
export type RouteHandler = (request: Request, response: Response) => void | Promise<void>;

/** An Express app whose calls are counted by method and address template. */
export interface Routes {
  readonly app: Express;
  /**
   * `template` is written as `/message/inbox/{id}`; a parameter is one path segment and arrives decoded.
   * `{*rest}` takes all segments that are left.
   */
  add(method: HttpMethod, template: string, handler: RouteHandler): void;
  /** What answers every address that no `add` named. To be called once, last. */
  otherwise(
    handler: RouteHandler,
    failed: (error: unknown, request: Request, response: Response) => void,
  ): void;
}

/**
 * `faults`, where given, can make any of the calls go wrong (see `createRouteFaults`).
 *
 * @example
 * const routes = createRoutes(log, Date.now);
 * routes.add('GET', '/file/status/{fileId}', (request, response) => response.json(...));
 */
export function createRoutes(log: CallLog, now: () => number, faults?: RouteFaults): Routes {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.set('query parser', 'simple');

  function observe(
    operation: string,
    request: Request,
    response: Response,
  ): Readonly<Record<string, string>> {
    const params = Object.fromEntries(
      Object.entries(request.params).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join('/') : value,
      ]),
    ) as Record<string, string>;
    log.note({ operation, phase: 'received', params, at: now() });
    // A moved clock is seen by callers who compare it with their own.
    response.setHeader('Date', new Date(now()).toUTCString());
    let over = false;
    // Every answer of Node goes through writeHead, also the implicit ones: the last moment before the first byte.
    const writeHead = response.writeHead.bind(response) as (...given: unknown[]) => Response;
    response.writeHead = ((...given: unknown[]) => {
      // A connection that a fault has just ended carries no answer, although one is still being written.
      if (!over && response.socket?.destroyed !== true) {
        over = true;
        const status = typeof given[0] === 'number' ? given[0] : response.statusCode;
        log.note({ operation, phase: 'answered', params, status, at: now() });
      }
      return writeHead(...given);
    }) as typeof response.writeHead;
    response.once('close', () => {
      if (!over) log.note({ operation, phase: 'cut', params, at: now() });
      over = true;
    });
    return params;
  }

  function run(
    operation: string,
    handler: RouteHandler,
    request: Request,
    response: Response,
  ): void | Promise<void> {
    const params = observe(operation, request, response);
    if (faults === undefined) return handler(request, response);
    return faults.run({ operation, params }, request, response, () => handler(request, response));
  }

  return {
    app,
    add(method, template, handler) {
      const operation = `${method} ${template}`;
      const path = template.replace(/\{\*(\w+)\}/g, '*$1').replace(/\{(\w+)\}/g, ':$1');
      const verb = method.toLowerCase() as 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete';
      app[verb](path, async (request, response) => {
        await run(operation, handler, request, response);
      });
      faults?.declare(operation);
    },
    otherwise(handler, failed) {
      app.use(async (request, response) => {
        await run(`${request.method} (unknown)`, handler, request, response);
      });
      // Express knows an error handler by its four parameters.
      app.use((error: unknown, request: Request, response: Response, next: () => void) => {
        // Too late for another answer: the default handler cuts the connection, so that the caller does not take
        // half an answer for a whole one.
        if (response.headersSent) next();
        else if (!response.destroyed) failed(error, request, response);
      });
    },
  };
}
