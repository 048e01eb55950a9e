import type { Parser } from '@mft-bridge/http-transport';
import { z } from 'zod';
import { serverDate } from './server-date';
import { id, isFields, optionalText, tolerant } from './tolerant';

/** A long-lived key as it is handed out once. */
export interface IssuedKey {
  /** The key itself, a secret. Not enumerable: inspect, JSON and spreading pass it by. */
  readonly key: string;
  /** epoch milliseconds */
  readonly expiresAt?: number | undefined;
  /** of the user whom it is bound to: disabling him disables it */
  readonly userId?: string | undefined;
}

/** A long-lived key as the list shows it. */
export interface ApiKey {
  /** number of the key in this list, as text; not the key */
  readonly keyId: string;
  /** The key itself, a secret, which this server shows in clear. Not enumerable: inspect, JSON and spreading pass it by. */
  readonly key?: string | undefined;
  /** what it was made for */
  readonly description?: string | undefined;
  /** seen: `valid` */
  readonly status?: string | undefined;
  /** of the user whom it is bound to */
  readonly role?: string | undefined;
  /** epoch milliseconds */
  readonly createdAt?: number | undefined;
  /** epoch milliseconds */
  readonly expiresAt?: number | undefined;
}

/** Loggers print what is enumerable. */
function withSecret<T extends object, K extends string | undefined>(
  facts: T,
  key: K,
): T & { readonly key: K } {
  return Object.defineProperty(facts, 'key', { value: key, enumerable: false }) as T & { readonly key: K };
}

const wireIssued = tolerant({
  token: z.string().min(1),
  expires: optionalText,
  user_id: id.optional().catch(undefined),
});

/** Parses `{token, expires, user_id}`. */
export const issuedKey: Parser<IssuedKey> = {
  parse: (raw) => {
    const { token, expires, user_id: userId } = wireIssued.parse(raw);
    return withSecret({ expiresAt: serverDate(expires), userId }, token);
  },
};

const wireKey = tolerant(
  {
    token_id: id,
    token: optionalText,
    description: optionalText,
    status: optionalText,
    role: optionalText,
    created: optionalText,
    expires: optionalText,
  },
  { token_id: ['id'] },
);

/** Parses one key of the list. Keeps no raw answer, since that holds the key in clear. */
export const apiKey: Parser<ApiKey> = {
  parse: (raw) => {
    const wire = wireKey.parse(isFields(raw) ? raw : {});
    const { description, status, role } = wire;
    const dates = { createdAt: serverDate(wire.created), expiresAt: serverDate(wire.expires) };
    return withSecret({ keyId: wire.token_id, description, status, role, ...dates }, wire.token);
  },
};
