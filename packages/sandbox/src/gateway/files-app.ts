import type { Request, Response } from 'express';
import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { CallLog } from '../call-log';
import type { ErrorAnswer, RouteFaults } from '../faults/route-faults';
import { createRoutes } from '../routes';
import type { ObjectStore, Refusal, StoredObject } from './object-store';
import { pathParam } from './query';

/** Serves the pre-signed URLs, in the manner of S3. Like S3 it refuses a request with a second kind of permission. */
export function createFilesApp(
  objects: ObjectStore,
  log: CallLog,
  clock: () => number,
  faults?: RouteFaults,
): RequestListener {
  const routes = createRoutes(log, clock, faults);
  // A signature covers the method: one for GET is none for HEAD.
  routes.add('HEAD', '/{bucket}/{*key}', (_request, response) => void response.status(403).end());
  routes.add('GET', '/{bucket}/{*key}', async (request, response) => {
    if (request.headers.authorization !== undefined) {
      refuse(response, {
        status: 400,
        code: 'InvalidArgument',
        message:
          'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
        details: { ArgumentName: 'Authorization', ArgumentValue: request.headers.authorization },
      });
      return;
    }
    const found = objects.open(pathParam(request, 'bucket'), pathParam(request, 'key'), request.query);
    if ('code' in found) refuse(response, found);
    else await serve(found, request, response);
  });
  routes.otherwise(
    (_request, response) => refuse(response, { status: 403, code: 'AccessDenied', message: 'Access Denied' }),
    (_error, _request, response) => {
      const { contentType, body } = s3Error(500);
      setS3Headers(response);
      response.status(500).type(contentType).send(body);
    },
  );
  return routes.app;
}

async function serve(object: StoredObject, request: Request, response: Response): Promise<void> {
  const { blob } = object;
  const range = readRange(request.headers.range, blob.size);
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${String(blob.size)}`);
    refuse(response, {
      status: 416,
      code: 'InvalidRange',
      message: 'The requested range is not satisfiable',
      details: { RangeRequested: String(request.headers.range), ActualObjectSize: String(blob.size) },
    });
    return;
  }
  const { start, end } = range ?? { start: 0, end: blob.size };
  response.status(range === undefined ? 200 : 206);
  setS3Headers(response);
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('Content-Type', object.contentType);
  response.setHeader('Content-Length', end - start);
  response.setHeader('Last-Modified', new Date(object.modified).toUTCString());
  response.setHeader('ETag', `"${(await blob.sha256()).slice(0, 32)}"`);
  if (range !== undefined)
    response.setHeader('Content-Range', `bytes ${String(start)}-${String(end - 1)}/${String(blob.size)}`);
  try {
    await pipeline(blob.read(start, end), response);
  } catch (error) {
    // A caller that goes away is nobody's fault; anything else must cut the answer short, never end it properly.
    if (!response.destroyed) throw error;
  }
}

/** One range of RFC 9110, as `start` (inclusive) and `end` (exclusive). Anything else is ignored, as S3 does. */
function readRange(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const tail = Math.min(Number(last), size);
    return tail === 0 ? 'unsatisfiable' : { start: size - tail, end: size };
  }
  const start = Number(first);
  const end = last === '' ? size : Math.min(Number(last) + 1, size);
  if (start >= size) return 'unsatisfiable';
  return end <= start ? undefined : { start, end };
}

/** An error that S3 gives without a reason in the request. */
export function s3Error(status: number): ErrorAnswer {
  const [code, message] =
    status === 503
      ? ['SlowDown', 'Please reduce your request rate.']
      : status < 500
        ? ['AccessDenied', 'Access Denied']
        : ['InternalError', 'We encountered an internal error. Please try again.'];
  return { contentType: 'application/xml', body: xmlOf({ status, code, message }, newRequestId()) };
}

function refuse(response: Response, refusal: Refusal): void {
  const requestId = setS3Headers(response);
  response.status(refusal.status).type('application/xml').send(xmlOf(refusal, requestId));
}

function xmlOf({ code, message, details = {} }: Refusal, requestId: string): string {
  const elements = Object.entries({ Code: code, Message: message, ...details, RequestId: requestId });
  const inner = elements.map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${inner}</Error>`;
}

function setS3Headers(response: Response): string {
  const requestId = newRequestId();
  response.setHeader('x-amz-request-id', requestId);
  response.setHeader('Server', 'AmazonS3');
  return requestId;
}

function newRequestId(): string {
  return randomBytes(8).toString('hex').toUpperCase();
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (sign) => `&#${String(sign.charCodeAt(0))};`);
}
