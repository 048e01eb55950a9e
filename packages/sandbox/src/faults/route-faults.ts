import type { Request, Response } from 'express';
import { finished } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { endConnection, spoilAnswer } from './answer-faults';
import type { Fault } from './fault';
import type { FaultBook } from './fault-book';
import type { SeededRandom } from './seeded-random';
import { shapeAnswer } from './shape-answer';

/** An error in the form that the service gives its own. */
export interface ErrorAnswer {
  readonly contentType: string;
  readonly body: string;
}

/** What a service passes to `createRoutes`, so that its calls can go wrong. */
export interface RouteFaults {
  /** To be told of each operation once. */
  declare(operation: string): void;
  /** Makes the call go wrong, or lets the handler work. */
  run(
    call: { readonly operation: string; readonly params: Readonly<Record<string, string>> },
    request: Request,
    response: Response,
    handler: () => void | Promise<void>,
  ): void | Promise<void>;
}

/**
 * @example
 * const book = createFaultBook({ now });
 * const routes = createRoutes(log, now, createRouteFaults(book, now, (status) => errorOfThisService(status)));
 */
export function createRouteFaults(
  book: FaultBook,
  now: () => number,
  errorAnswer: (status: number) => ErrorAnswer,
): RouteFaults {
  async function spoil(
    fault: Fault,
    random: SeededRandom,
    request: Request,
    response: Response,
    handler: () => void | Promise<void>,
  ): Promise<void> {
    switch (fault.kind) {
      case 'latency':
        return;
      case 'status':
      case 'html':
      case 'reject-token': {
        const answer = replacement(fault);
        if (fault.kind === 'reject-token' || fault.afterWork !== true) {
          answer(response);
          return;
        }
        return replaceAnswer(response, handler, answer);
      }
      case 'reset':
        if (fault.when !== 'before-body')
          await readBody(request, fault.when === 'after-body' ? Infinity : (fault.afterBytes ?? 1));
        endConnection(response, 'reset');
        return;
      case 'stall':
        if (fault.where === 'request') {
          request.pause();
          return;
        }
    }
    shapeAnswer(response, (body, out) => spoilAnswer(fault, { response, body, out, random }));
    await handler();
  }

  function replacement(
    fault: Extract<Fault, { kind: 'status' | 'html' | 'reject-token' }>,
  ): (response: Response) => void {
    const status = fault.status ?? (fault.kind === 'html' ? 502 : 401);
    if (fault.kind === 'html')
      return (response) => void response.status(status).type('text/html').send(proxyPage(status));
    if (fault.kind === 'reject-token' || fault.body === undefined)
      return (response) => {
        const { contentType, body } = errorAnswer(status);
        setHeaders(response, fault);
        response.status(status).type(contentType).send(body);
      };
    const { body } = fault;
    return (response) => {
      setHeaders(response, fault);
      const text = typeof body === 'string';
      response
        .status(status)
        .type(text ? 'text/plain' : 'application/json')
        .send(text ? body : JSON.stringify(body));
    };
  }

  function setHeaders(response: Response, fault: Extract<Fault, { kind: 'status' | 'reject-token' }>): void {
    if (fault.kind === 'reject-token') return;
    const { retryAfter, headers = {} } = fault;
    if (retryAfter !== undefined)
      response.setHeader(
        'Retry-After',
        'seconds' in retryAfter
          ? String(retryAfter.seconds)
          : new Date(now() + retryAfter.dateInMs).toUTCString(),
      );
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  }

  return {
    declare: (operation) => book.declare(operation),
    run(call, request, response, handler) {
      const credential = request.headers.authorization ?? request.headers['apikey'];
      const strikes = book.strike({ ...call, credential: credential?.toString() });
      const [last] = strikes.slice(-1);
      if (last === undefined) return handler();
      return (async () => {
        await delay(strikes, response);
        // The caller may have gone meanwhile: a request that was sent is worked on all the same.
        if (last.fault.kind === 'latency') return handler();
        return spoil(last.fault, last.random, request, response, handler);
      })();
    },
  };
}

async function delay(strikes: ReturnType<FaultBook['strike']>, response: Response): Promise<void> {
  const over = new AbortController();
  response.once('close', () => over.abort());
  for (const { fault, random } of strikes)
    if (fault.kind === 'latency')
      await wait(fault.ms + random.next() * (fault.jitterMs ?? 0), undefined, { signal: over.signal }).catch(
        () => undefined,
      );
}

/** Lets the handler work, then gives another answer than its own. */
async function replaceAnswer(
  response: Response,
  handler: () => void | Promise<void>,
  answer: (response: Response) => void,
): Promise<void> {
  shapeAnswer(response, async (body, out) => {
    body.resume();
    await finished(body, { writable: false });
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    out.restore();
    answer(response);
  });
  await handler();
}

async function readBody(request: Request, bytes: number): Promise<void> {
  let read = 0;
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    read += (part as Buffer).length;
    if (read >= bytes) return;
  }
}

/** As a reverse proxy answers while what stands behind it is away. */
function proxyPage(status: number): string {
  const title = status === 502 ? '502 Bad Gateway' : `${String(status)} from a proxy`;
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
}
