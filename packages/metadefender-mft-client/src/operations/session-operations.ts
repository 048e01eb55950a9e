import type { Operation } from '@mft-bridge/http-transport';
import { z } from 'zod';
import { keyDuration } from '../schemas/duration';
import { serverDate } from '../schemas/server-date';
import { optionalText, tolerant } from '../schemas/tolerant';

/** What a login or an extension answered. */
export interface SessionAnswer {
  readonly token?: string | undefined;
  /** epoch milliseconds */
  readonly expiresAt?: number | undefined;
  /** `Success` or what went wrong; a 200 may carry either */
  readonly result?: string | undefined;
  readonly key?: string | undefined;
}

const answer = tolerant({
  token: optionalText,
  expires: optionalText,
  result: optionalText,
  ui_message_key: optionalText,
}).transform((wire): SessionAnswer => ({
  token: wire.token,
  expiresAt: serverDate(wire.expires),
  result: wire.result,
  key: wire.ui_message_key,
}));

const secret = z.string().min(1);

export const authenticate: Operation<{ readonly credentials: string }, SessionAnswer> = {
  name: 'sessions.login',
  method: 'GET',
  path: '/authenticate',
  // A GET that creates a session, and whose refusals are counted.
  safety: 'unsafe',
  auth: 'none',
  input: z.strictObject({ credentials: secret }),
  encode: ({ credentials }) => ({
    headers: { authorization: `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}` },
  }),
  output: answer,
};

export const extendKey: Operation<
  { readonly key: string; readonly byMs?: number | undefined },
  SessionAnswer
> = {
  name: 'tokens.extend',
  method: 'PUT',
  path: '/token',
  safety: 'idempotent',
  // Its own header: this call is how the session renews itself.
  auth: 'none',
  access: 'user',
  input: z.strictObject({ key: secret, byMs: z.number().positive().max(86_399_000).optional() }),
  encode: ({ key, byMs }) => ({
    headers: { authorization: `Bearer ${key}`, ExtendBy: byMs === undefined ? undefined : keyDuration(byMs) },
  }),
  output: answer,
};

export const cancelKey: Operation<{ readonly key: string }, unknown> = {
  name: 'sessions.logout',
  method: 'DELETE',
  path: '/authenticate',
  safety: 'idempotent',
  auth: 'none',
  access: 'user',
  input: z.strictObject({ key: secret }),
  encode: ({ key }) => ({ headers: { authorization: `Bearer ${key}` } }),
};
