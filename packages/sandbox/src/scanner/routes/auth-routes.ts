import type { Request } from 'express';
import type { Routes } from '../../routes';
import { apiDate, parseApiDate, parseHours } from '../api-dates';
import { caller } from '../caller';
import { jsonBody } from '../json-body';
import type { Key } from '../keys';
import { invalidParameter, Refusal, type PageAge } from '../refusal';
import { parameter, searchText, segment, wholeNumber } from '../parameters';
import type { ScannerContext } from '../scanner-context';
import { loginResult, sessionReply } from '../session-reply';

/**
 * Login, extension, logout and API keys: pages of 2018 and 2019, so a bad parameter is a 401, a bad key a 403.
 * The pages of 3.10, which `pascal` follows, have the ordinary meanings.
 */
export function addAuthRoutes(routes: Routes, context: ScannerContext): void {
  const { keys, now, settings } = context;
  const page = (): PageAge => (settings().replies === 'pascal' ? 'new' : 'old');

  routes.add('GET', '/vault_rest/authenticate', (request, response) => {
    response.json(login(basicSecret(request, page()), context));
  });

  routes.add('DELETE', '/vault_rest/authenticate', (request, response) => {
    // The key in Authorization is the one to end, also where it is a long-lived one.
    const { token } = caller(request, keys, page());
    keys.remove(token);
    response.json({ token });
  });

  routes.add('PUT', '/vault_rest/token', (request, response) => {
    const own = caller(request, keys, page());
    const other = parameter(request, 'token');
    const key = other === undefined ? own : keys.find(other);
    if (key === undefined) throw invalidParameter(page(), 'Token');
    if (key.account.userId !== own.account.userId && own.account.role !== 'Administrator') {
      throw new Refusal(403, 'The key belongs to somebody else');
    }
    response.json(sessionReply(keys.extend(key, newEnd(request, context, page())), settings().replies));
  });

  routes.add('POST', '/vault_rest/token', async (request, response) => {
    const { account } = caller(request, keys, page());
    const body = await jsonBody(request);
    if (account.role !== 'Administrator') throw new Refusal(403, 'Only administrators can create API keys');
    const { expires, description } = isRecord(body) ? body : {};
    const end = typeof expires === 'string' ? parseApiDate(expires) : undefined;
    if (end === undefined || end <= now()) throw invalidParameter(page(), 'expires');
    const key = keys.create(account, end, typeof description === 'string' ? description : '');
    response.json(sessionReply(key, settings().replies));
  });

  routes.add('GET', '/vault_rest/tokens/{start}/{count}', (request, response) => {
    const { account } = caller(request, keys, page());
    const start = wholeNumber(segment(request, 'start'), 'start', page());
    const count = wholeNumber(segment(request, 'count'), 'count', page());
    const find = searchText(request).toLowerCase();
    const found = keys
      .apiKeys()
      .filter((key) => account.role === 'Administrator' || key.account.userId === account.userId)
      .filter((key) => `${key.token}\n${key.description}`.toLowerCase().includes(find));
    sortKeys(found, parameter(request, 'sort_column'), page());
    if (parameter(request, 'sort_direction')?.toLowerCase() === 'desc') found.reverse();
    response.json({ filter_count: found.length, items: found.slice(start, start + count).map(keyListItem) });
  });
}

/** What a login is answered with. Who is refused matters for the lockout, so the order of the questions does too. */
function login(secret: string, { accounts, keys, guard, settings }: ScannerContext): Record<string, unknown> {
  const { replies, sso, directory, loginSeparator } = settings();
  if (sso === 'enforced') throw new Refusal(403, 'Single sign-on is enforced: passwords are not accepted');
  const { named, passed } = accounts.attempt(secret, loginSeparator);
  if (named !== undefined && guard.locked(named)) {
    const locked = 'The account is locked after too many failed logins';
    if (replies === 'pascal') return loginResult('ErrorInvalidCredentials', locked);
    throw new Refusal(403, locked);
  }
  if (named?.directory === true && directory === 'unreachable') {
    const unreachable = 'The directory server cannot be reached';
    if (replies === 'pascal') return loginResult('ErrorServiceUnavailable', unreachable);
    throw new Refusal(417, unreachable);
  }
  if (named === undefined || !passed) {
    if (named !== undefined) guard.failed(named);
    const wrong = 'The user name or the password is wrong';
    if (replies === 'pascal') return loginResult('ErrorInvalidCredentials', wrong);
    throw new Refusal(403, wrong);
  }
  guard.succeeded(named);
  // Documented in this shape only, so the older generation has it too.
  if (named.mfa) return loginResult('ErrorMfaRequired', 'A second factor is required');
  return sessionReply(keys.login(named), replies);
}

function basicSecret(request: Request, page: PageAge): string {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) throw invalidParameter(page, 'Authorization');
  return Buffer.from(encoded, 'base64').toString('utf8');
}

function newEnd(request: Request, { now, sessionMs }: ScannerContext, page: PageAge): number {
  const until = parameter(request, 'extenduntil');
  if (until !== undefined) {
    const end = parseApiDate(until);
    if (end === undefined || end <= now()) throw invalidParameter(page, 'ExtendUntil');
    return end;
  }
  const by = parameter(request, 'extendby');
  const ms = by === undefined ? sessionMs : parseHours(by);
  if (ms === undefined || ms === 0) throw invalidParameter(page, 'ExtendBy');
  return now() + ms;
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

function sortKeys(found: Key[], column: string | undefined, page: PageAge): void {
  const sorts: Record<string, (a: Key, b: Key) => number> = {
    token: (a, b) => compare(a.token, b.token),
    created: (a, b) => a.created - b.created,
    expires: (a, b) => a.expires - b.expires,
    description: (a, b) => compare(a.description, b.description),
    role: (a, b) => compare(a.account.role, b.account.role),
  };
  if (column === undefined) return;
  const sort = sorts[column.toLowerCase()];
  if (sort === undefined) throw invalidParameter(page, 'sort_column');
  found.sort(sort);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
