import type { Request } from 'express';
import type { Routes } from '../../routes';
import { apiDate, parseApiDate, parseHours } from '../api-dates';
import { caller } from '../caller';
import { jsonBody } from '../json-body';
import type { Key } from '../keys';
import { invalidParameter, Refusal } from '../refusal';
import { parameter, searchText, segment, wholeNumber } from '../parameters';
import type { ScannerContext } from '../scanner-context';

/** Login, extension, logout and API keys: pages of 2018 and 2019, so a bad parameter is a 401, a bad key a 403. */
export function addAuthRoutes(routes: Routes, context: ScannerContext): void {
  const { accounts, keys, now } = context;

  routes.add('GET', '/vault_rest/authenticate', (request, response) => {
    const secret = basicSecret(request);
    // The whole value is looked up: `user:password` is nobody's, a single line is a guest's pin.
    const account = accounts.login(secret);
    if (account === undefined) throw new Refusal(403, 'The user name or the password is wrong');
    response.json(keyReply(keys.login(account)));
  });

  routes.add('DELETE', '/vault_rest/authenticate', (request, response) => {
    // The key in Authorization is the one to end, also where it is a long-lived one.
    const { token } = caller(request, keys, 'old');
    keys.remove(token);
    response.json({ token });
  });

  routes.add('PUT', '/vault_rest/token', (request, response) => {
    const own = caller(request, keys, 'old');
    const other = parameter(request, 'token');
    const key = other === undefined ? own : keys.find(other);
    if (key === undefined) throw invalidParameter('old', 'Token');
    if (key.account.userId !== own.account.userId && own.account.role !== 'Administrator') {
      throw new Refusal(403, 'The key belongs to somebody else');
    }
    response.json(keyReply(keys.extend(key, newEnd(request, context))));
  });

  routes.add('POST', '/vault_rest/token', async (request, response) => {
    const { account } = caller(request, keys, 'old');
    const body = await jsonBody(request);
    if (account.role !== 'Administrator') throw new Refusal(403, 'Only administrators can create API keys');
    const { expires, description } = isRecord(body) ? body : {};
    const end = typeof expires === 'string' ? parseApiDate(expires) : undefined;
    if (end === undefined || end <= now()) throw invalidParameter('old', 'expires');
    response.json(keyReply(keys.create(account, end, typeof description === 'string' ? description : '')));
  });

  routes.add('GET', '/vault_rest/tokens/{start}/{count}', (request, response) => {
    const { account } = caller(request, keys, 'old');
    const start = wholeNumber(segment(request, 'start'), 'start', 'old');
    const count = wholeNumber(segment(request, 'count'), 'count', 'old');
    const find = searchText(request).toLowerCase();
    const found = keys
      .apiKeys()
      .filter((key) => account.role === 'Administrator' || key.account.userId === account.userId)
      .filter((key) => `${key.token}\n${key.description}`.toLowerCase().includes(find));
    sortKeys(found, parameter(request, 'sort_column'));
    if (parameter(request, 'sort_direction')?.toLowerCase() === 'desc') found.reverse();
    response.json({ filter_count: found.length, items: found.slice(start, start + count).map(keyListItem) });
  });
}

function basicSecret(request: Request): string {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) throw invalidParameter('old', 'Authorization');
  return Buffer.from(encoded, 'base64').toString('utf8');
}

function newEnd(request: Request, { now, sessionMs }: ScannerContext): number {
  const until = parameter(request, 'extenduntil');
  if (until !== undefined) {
    const end = parseApiDate(until);
    if (end === undefined || end <= now()) throw invalidParameter('old', 'ExtendUntil');
    return end;
  }
  const by = parameter(request, 'extendby');
  const ms = by === undefined ? sessionMs : parseHours(by);
  if (ms === undefined || ms === 0) throw invalidParameter('old', 'ExtendBy');
  return now() + ms;
}

function keyReply(key: Key): Record<string, unknown> {
  return { token: key.token, expires: apiDate(key.expires, 'Z'), user_id: key.account.userId };
}

/** With the key in clear, as documented. */
function keyListItem(key: Key): Record<string, unknown> {
  return {
    token_id: key.tokenId,
    token: key.token,
    description: key.description,
    status: 'valid',
    created: apiDate(key.created, 'Z'),
    expires: apiDate(key.expires, 'Z'),
    role: key.account.role,
  };
}

function sortKeys(found: Key[], column: string | undefined): void {
  const sorts: Record<string, (a: Key, b: Key) => number> = {
    token: (a, b) => compare(a.token, b.token),
    created: (a, b) => a.created - b.created,
    expires: (a, b) => a.expires - b.expires,
    description: (a, b) => compare(a.description, b.description),
    role: (a, b) => compare(a.account.role, b.account.role),
  };
  if (column === undefined) return;
  const sort = sorts[column.toLowerCase()];
  if (sort === undefined) throw invalidParameter('old', 'sort_column');
  found.sort(sort);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
