import { randomUUID } from 'node:crypto';
import type { Response } from 'express';

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
export function sendMessage(response: Response, status: number, message: string): void {
  sendJson(response, status, { message });
}
