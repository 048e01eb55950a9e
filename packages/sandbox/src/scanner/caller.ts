import type { Request } from 'express';
import { Refusal, type PageAge } from './refusal';
import type { Key, Keys } from './keys';

/**
 * The key a request was sent with.
 *
 * @param page - Pages before 2020 answer a wrong or expired key with 403, later ones with 401.
 * @throws Refusal if there is none, or a dead one.
 * @example
 * const { account } = caller(request, keys, 'old');
 */
export function caller(request: Request, keys: Keys, page: PageAge): Key {
  const token = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  const key = token === undefined ? undefined : keys.find(token);
  if (key === undefined)
    throw new Refusal(page === 'old' ? 403 : 401, 'The API key is invalid or has expired');
  return key;
}
