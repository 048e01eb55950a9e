import { randomUUID } from 'node:crypto';
import type { Response } from 'express';
import type { ErrorAnswer } from '../faults/route-faults';
import type { GatewayUndocumented } from './undocumented';

// Random, so that no text of a message can be taken for a number.
const MARK = `integer-${randomUUID()}:`;
const MARKED = new RegExp(`"${MARK}(-?\\d+)"`, 'g');

/**
 * JSON whose bigints are plain numbers: the gateway's ids are 64-bit integers, and a caller that reads them with
 * `JSON.parse` must meet the same damage here as there.
 */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === 'bigint' ? `${MARK}${String(inner)}` : inner,
  ).replace(MARKED, '$1');
}

/** Answers JSON as the gateway does. */
export function sendJson(response: Response, status: number, value: unknown): void {
  response.status(status).type('application/json').send(toJson(value));
}

/** An answer other than 2xx: every one that the gateway documents is `{ message }`. */
export function sendError(
  response: Response,
  status: number,
  message: string,
  key: GatewayUndocumented['errorKey'],
): void {
  sendJson(response, status, { [key]: key === 'errors' ? [message] : message });
}

/** What stands in front of the service answers in the words of AWS API Gateway. */
const AWS_WORDS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  408: 'Request Timeout',
  413: 'Request Too Long',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
  504: 'Endpoint request timed out',
};

/** An error that the gateway gives without a reason in the request. */
export function apiError(status: number): ErrorAnswer {
  const message = AWS_WORDS[status] ?? (status >= 500 ? 'Internal Server Error' : 'Bad Request');
  return { contentType: 'application/json', body: toJson({ message }) };
}
