import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Secret } from '../config/secret';
import { RequestError } from './request-error';

/**
 * Lets a request pass that carries the token. Hashes are compared, in constant time: neither content nor length of
 * the token can be learned from how long the answer takes.
 */
export function requireBearer(token: Secret): RequestHandler {
  const expected = digest(token.reveal());
  return (request, response, next) => {
    const given = /^Bearer +([^\s]+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), expected)) {
      next();
      return;
    }
    response.setHeader('WWW-Authenticate', 'Bearer realm="mft-bridge"');
    const message =
      given === undefined
        ? 'This needs the header "Authorization: Bearer" with the token of web.private.token.'
        : 'The token is not the one of web.private.token.';
    next(new RequestError(401, 'unauthorized', message));
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
