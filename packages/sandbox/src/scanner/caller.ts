import type { Request } from 'express';
import { Refusal, type PageAge } from './refusal';
import type { Key, Keys } from './keys';

/**
 * The key a request was sent with.
 *
 * @param page - Its age decides which status a wrong or expired key is answered with.
 * @throws Refusal if there is none, or a dead one.
 * @example
 * const { account } = caller(request, keys, 'old');
 */
export function caller(request: Request, keys: Keys, page: PageAge): Key {
  const token = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  const key = token === undefined ? undefined : keys.find(token);
  if (key === undefined) throw new Refusal(keys.refusedStatus(page), 'The API key is invalid or has expired');
  return key;
}
