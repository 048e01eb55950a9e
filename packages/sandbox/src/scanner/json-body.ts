import type { Request } from 'express';
import { Refusal } from './refusal';

const MAX_BYTES = 1024 * 1024;

/**
 * Reads a JSON body, whatever its content type says (the tutorials show none).
 *
 * @throws Refusal 400 if it is no JSON or larger than 1 MiB.
 */
export async function jsonBody(request: Request): Promise<unknown> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    // Read to the end all the same: leaving the loop would cut the connection before the answer.
    if (bytes <= MAX_BYTES) pieces.push(piece);
  }
  if (bytes > MAX_BYTES) throw new Refusal(400, 'The body is too large');
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch {
    throw new Refusal(400, 'The body is not valid JSON');
  }
}

/**
 * As `jsonBody`, for calls whose body is an object.
 *
 * @throws Refusal 400 if it is something else.
 */
export async function jsonObject(request: Request): Promise<Readonly<Record<string, unknown>>> {
  const body = await jsonBody(request);
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Record<string, unknown>;
  throw new Refusal(400, 'The body is not a JSON object');
}

/**
 * A field that must be a text with something in it.
 *
 * @throws Refusal 400 as the pages since 2020 have it.
 */
export function textField(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name];
  if (typeof value !== 'string' || value === '') throw new Refusal(400, `Invalid parameter: ${name}`);
  return value;
}
