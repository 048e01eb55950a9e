import type { Operation } from '@mft-bridge/http-transport';
import { serverDate } from '@mft-bridge/metadefender-mft-client';
import { CommandError } from '../run-command';

/** A key as a login or an extension hands it out. */
export interface RawKey {
  /** A secret. */
  readonly key: string;
  /** Epoch ms. */
  readonly expires?: number | undefined;
}

/**
 * The two calls whose answers hold a key. The client makes them by itself and keeps their keys inside; a program that must remember
 * its session between two runs has to see them.
 */
export const rawSession: {
  readonly login: Operation<{ readonly credentials: string }, unknown>;
  readonly extend: Operation<{ readonly key: string }, unknown>;
  readonly end: Operation<{ readonly key: string }, unknown>;
} = {
  login: {
    name: 'sessions.login',
    method: 'GET',
    path: '/authenticate',
    // A GET that creates a session; refused ones are counted.
    safety: 'unsafe',
    auth: 'none',
    encode: ({ credentials }) => ({
      headers: { authorization: `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}` },
    }),
  },
  extend: {
    name: 'tokens.extend',
    method: 'PUT',
    path: '/token',
    safety: 'idempotent',
    auth: 'none',
    encode: ({ key }) => ({ headers: { authorization: `Bearer ${key}` } }),
  },
  end: {
    name: 'sessions.logout',
    method: 'DELETE',
    path: '/authenticate',
    safety: 'idempotent',
    auth: 'none',
    encode: ({ key }) => ({ headers: { authorization: `Bearer ${key}` } }),
  },
};

/**
 * The key in an answer, in either generation of its names. A 200 may carry a result other than success.
 *
 * @throws CommandError
 */
export function keyIn(answer: unknown): RawKey {
  const fields = new Map(
    Object.entries(typeof answer === 'object' && answer !== null ? answer : {}).map(([name, value]) => [
      name.toLowerCase(),
      value as unknown,
    ]),
  );
  const key = fields.get('token');
  if (typeof key === 'string' && key !== '') {
    const expires = fields.get('expires');
    const at = typeof expires === 'string' ? serverDate(expires) : undefined;
    return { key, ...(at === undefined ? {} : { expires: at }) };
  }
  const result = fields.get('result');
  const word = typeof result === 'string' && /^\w{1,60}$/.test(result) ? ` (${result})` : '';
  throw new CommandError(
    `The server began no session${word}. Check user name and password; with a second factor or single sign-on use an API key.`,
  );
}
