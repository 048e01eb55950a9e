import type { Express, Request, Response } from 'express';
import express from 'express';
import type { CallLog } from './call-log';

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
 * @example
 * const routes = createRoutes(log, Date.now);
 * routes.add('GET', '/file/status/{fileId}', (request, response) => response.json(...));
 */
export function createRoutes(log: CallLog, now: () => number): Routes {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.set('query parser', 'simple');

  function observe(operation: string, request: Request, response: Response): void {
    const params = Object.fromEntries(
      Object.entries(request.params).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join('/') : value,
      ]),
    ) as Record<string, string>;
    log.note({ operation, phase: 'received', params, at: now() });
    let over = false;
    // Every answer of Node goes through writeHead, also the implicit ones: the last moment before the first byte.
    const writeHead = response.writeHead.bind(response) as (...given: unknown[]) => Response;
    response.writeHead = ((...given: unknown[]) => {
      if (!over) {
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
  }

  return {
    app,
    add(method, template, handler) {
      const operation = `${method} ${template}`;
      const path = template.replace(/\{\*(\w+)\}/g, '*$1').replace(/\{(\w+)\}/g, ':$1');
      const verb = method.toLowerCase() as 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete';
      app[verb](path, async (request, response) => {
        observe(operation, request, response);
        await handler(request, response);
      });
    },
    otherwise(handler, failed) {
      app.use(async (request, response) => {
        observe(`${request.method} (unknown)`, request, response);
        await handler(request, response);
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
