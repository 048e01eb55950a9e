import type { Operation } from '@mft-bridge/http-transport';
import { z } from 'zod';
import type { ApiKey, IssuedKey } from '../schemas/api-key';
import { apiKey, issuedKey } from '../schemas/api-key';
import { keyDuration } from '../schemas/duration';
import { findHeaders, sortDirection, timeInput, windowInput } from '../schemas/inputs';
import type { ListPage } from '../schemas/list-page';
import { listPage } from '../schemas/list-page';

/** A key to make. */
export interface CreateKeyInput {
  /** when it ends */
  readonly expires: Date | number;
  /** what it is for; every administrator may see it */
  readonly description?: string | undefined;
}

/** Which keys to list. */
export interface ListKeysInput {
  /** zero-based */
  readonly start: number;
  /** 1 to 1000 */
  readonly count: number;
  /** free text; what it is compared with is the server's affair */
  readonly find?: string | undefined;
  /** what to sort by; default: the server's own order */
  readonly sortColumn?: 'Token' | 'Created' | 'Expires' | 'Description' | 'Role' | undefined;
  /** ascending or descending */
  readonly sortDirection?: 'asc' | 'desc' | undefined;
}

/** A key to extend, and until when. */
export interface ExtendKeyInput {
  /** the key to extend; a secret */
  readonly key: string;
  /** milliseconds from now, at most 23:59:59 hours; excludes `until` */
  readonly byMs?: number | undefined;
  /** when it ends from now on, meant by the vendor for long-lived keys; excludes `byMs` */
  readonly until?: Date | number | undefined;
}

const secret = z.string().regex(/^[\u0021-\u007e]+$/, 'must be a key: printable ASCII without spaces');
const iso = (at: Date | number): string => new Date(at).toISOString();

export const createKey: Operation<CreateKeyInput, IssuedKey> = {
  name: 'apiKeys.create',
  method: 'POST',
  path: '/token',
  safety: 'unsafe',
  access: 'administrator',
  input: z.strictObject({ expires: timeInput, description: z.string().optional() }),
  encode: ({ expires, description }) => ({ body: { json: { expires: iso(expires), description } } }),
  output: issuedKey,
};

export const listKeys: Operation<ListKeysInput, ListPage<ApiKey>> = {
  name: 'apiKeys.list',
  method: 'GET',
  path: '/tokens/{start}/{count}',
  safety: 'safe',
  access: 'administrator',
  input: z.strictObject({
    ...windowInput,
    find: z.string().min(1).optional(),
    sortColumn: z.enum(['Token', 'Created', 'Expires', 'Description', 'Role']).optional(),
    sortDirection: sortDirection.optional(),
  }),
  encode: ({ start, count, find, sortColumn, sortDirection: direction }) => ({
    params: { start, count },
    headers: { ...findHeaders(find), sort_column: sortColumn, sort_direction: direction },
  }),
  output: listPage(apiKey),
};

/** Extends another key than the one that the call is made with; the session's own is extended by the session. */
export const extendOtherKey: Operation<ExtendKeyInput, IssuedKey> = {
  name: 'apiKeys.extend',
  method: 'PUT',
  path: '/token',
  safety: 'idempotent',
  access: 'administrator',
  input: z
    .strictObject({
      key: secret,
      byMs: z.number().positive().max(86_399_000).optional(),
      until: timeInput.optional(),
    })
    .refine(
      ({ byMs, until }) => byMs === undefined || until === undefined,
      'byMs and until exclude each other',
    ),
  encode: ({ key, byMs, until }) => ({
    headers: {
      Token: key,
      ExtendBy: byMs === undefined ? undefined : keyDuration(byMs),
      ExtendUntil: until === undefined ? undefined : iso(until),
    },
  }),
  output: issuedKey,
};
