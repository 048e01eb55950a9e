import { STATUS_CODES } from 'node:http';
import type { Response } from 'express';

/** .NET's names of the HTTP statuses: the API writes the name where others write the number. */
const STATUS_NAMES = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  417: 'ExpectationFailed',
  500: 'InternalServerError',
  503: 'ServiceUnavailable',
} as const;

export type RefusalStatus = keyof typeof STATUS_NAMES;

/** An answer other than 200. Thrown by whoever finds the reason, written by `sendRefusal`. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: RefusalStatus;
  /** The machine key, where one is documented for the case; null otherwise, so that nobody comes to rely on ours. */
  readonly key: string | null;

  constructor(status: RefusalStatus, message: string, key: string | null = null) {
    super(message);
    this.status = status;
    this.key = key;
  }
}

/**
 * A parameter that is missing or malformed. The pages of 2017 to 2019 (authentication, keys, upload, lists) answer
 * it with 401, later ones with 400.
 */
export function invalidParameter(page: PageAge, name: string): Refusal {
  return new Refusal(page === 'old' ? 401 : 400, `Invalid parameter: ${name}`);
}

/** Which meaning of 401 and 403 the page of an operation has: the one before 2020, or the one since. */
export type PageAge = 'old' | 'new';

/** Writes `{ message, ui_message_key, status_code }`. What is no refusal is a 500: a fault of the sandbox. */
export function sendRefusal(error: unknown, response: Response): void {
  const refusal = error instanceof Refusal ? error : unexpected(error);
  response.status(refusal.status).json({
    message: refusal.message,
    ui_message_key: refusal.key,
    status_code: STATUS_NAMES[refusal.status],
  });
}

/** The same shape for any status, as a fault on demand has it answered. */
export function errorAnswer(status: number): { readonly contentType: string; readonly body: string } {
  const known: Readonly<Record<number, string>> = STATUS_NAMES;
  const name = known[status] ?? STATUS_CODES[status]?.replaceAll(/\W/g, '') ?? String(status);
  const body = { message: 'The request could not be processed', ui_message_key: null, status_code: name };
  return { contentType: 'application/json', body: JSON.stringify(body) };
}

function unexpected(error: unknown): Refusal {
  // Express marks what it refuses by itself, as an address with a broken percent sign.
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  if (status === 400) return new Refusal(400, 'The address of the request cannot be read');
  return new Refusal(
    500,
    error instanceof Error ? `The sandbox failed: ${error.message}` : 'The sandbox failed',
  );
}
