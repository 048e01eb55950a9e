import type { HttpMethod, Operation, QueryValue, RequestBody, Transport } from '@mft-bridge/http-transport';
import { isApiError } from '@mft-bridge/http-transport';

/** One request, as bare as it can be: a probe wants to see what the server says, not what a client makes of it. */
export interface Question {
  readonly method: HttpMethod;
  /** Template as `/file/status/{id}`. */
  readonly path: string;
  readonly params?: Readonly<Record<string, string | number>> | undefined;
  readonly query?: Readonly<Record<string, QueryValue>> | undefined;
  readonly headers?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly body?: RequestBody | undefined;
  /** Default `session`. */
  readonly auth?: 'session' | 'none' | undefined;
}

/** Whatever came back, good or bad. */
export interface Answer {
  readonly status: number;
  readonly ok: boolean;
  /** Parsed JSON, text, or undefined. May hold secrets: never put into a finding as it is. */
  readonly body: unknown;
  header(name: string): string | undefined;
}

/** Asks once, without retries. Errors are thrown only where no answer came. */
export async function ask(
  transport: Transport,
  { method, path, auth, ...parts }: Question,
  signal?: AbortSignal,
): Promise<Answer> {
  const operation: Operation<undefined, unknown> = {
    name: `probe ${method} ${path}`,
    method,
    path,
    safety: 'unsafe',
    auth,
    encode: () => parts,
  };
  try {
    const reply = await transport.send(operation, undefined, { signal, maxAttempts: 1 });
    return { status: reply.status, ok: true, body: reply.data, header: (name) => reply.header(name) };
  } catch (error) {
    if (!isApiError(error)) throw error;
    const { status, body, headers } = error;
    return { status, ok: false, body, header: (name) => headers[name.toLowerCase()] };
  }
}

/** The fields of an answer, or none. */
export function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === 'object' && body !== null && !Array.isArray(body)
    ? (body as Record<string, unknown>)
    : {};
}

/** Names of the fields for a finding: names only, since values may be anybody's. */
export function namesOf(body: unknown): string {
  if (Array.isArray(body)) return 'a bare array';
  if (typeof body === 'string') return /^\s*</.test(body) ? 'a page of HTML' : 'text';
  if (body === undefined || body === null) return 'nothing';
  if (typeof body !== 'object') return typeof body;
  const names = Object.keys(body).filter((name) => /^\w{1,40}$/.test(name));
  return `{ ${names.slice(0, 30).join(', ')} }`;
}

/** `HTTP 403`, with the server's own machine key where it gives one. */
export function refusalOf({ status, body }: Answer): string {
  const key = fieldsOf(body)['ui_message_key'];
  return `HTTP ${String(status)}${typeof key === 'string' && /^\w{1,80}$/.test(key) ? ` (${key})` : ''}`;
}
