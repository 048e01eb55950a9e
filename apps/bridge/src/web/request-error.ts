import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import { LedgerUnavailableError } from '../ledger/ledger-unavailable-error';
import { InvalidCursorError } from '../ledger/message-list';

/** A request that is answered with an error on purpose. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Writes every error as `{ error: { code, message } }`. What was not meant for the caller goes to the log only. */
export function answerErrors(log: Logger): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, _request, response, next) => {
    const known = toRequestError(error);
    if (known === undefined || known.status >= 500)
      log.error({ err: error, part: 'web' }, 'a request failed');
    if (response.headersSent) {
      // Too late for an answer: Express cuts the connection, so that half an answer is not taken for a whole one.
      next(error);
      return;
    }
    const { status, code, message } =
      known ??
      new RequestError(500, 'internal', 'The request failed. The reason is in the log of the bridge.');
    response.status(status).json({ error: { code, message } });
  };
}

function toRequestError(error: unknown): RequestError | undefined {
  if (error instanceof RequestError) return error;
  // Express itself: a path that is not proper percent-encoding.
  if (error instanceof URIError)
    return new RequestError(400, 'bad-path', 'The path is not proper percent-encoding.');
  if (error instanceof LedgerUnavailableError) {
    const message =
      'The ledger cannot be read right now. The reason is in the log of the bridge and in /readyz.';
    return new RequestError(503, 'ledger-unavailable', message);
  }
  // The reader of JSON bodies, which brings status and kind along and quotes what it could not read.
  if (error instanceof Error && 'type' in error) {
    if (error.type === 'entity.too.large')
      return new RequestError(
        413,
        'body-too-large',
        'The body is larger than anything that can be asked here.',
      );
    if (error.type === 'entity.parse.failed')
      return new RequestError(400, 'bad-json', 'The body is no JSON object.');
    if (typeof error.type === 'string' && 'status' in error && error.status === 415)
      return new RequestError(415, 'not-json', 'The body must be plain JSON in UTF-8.');
    if (typeof error.type === 'string' && 'status' in error && error.status === 400)
      return new RequestError(400, 'bad-body', 'The body did not come as it was announced.');
  }
  if (error instanceof InvalidCursorError)
    return new RequestError(400, 'bad-query', `cursor: ${error.message}`);
  return undefined;
}
