import type { AgentUse } from './connection-agents';
import { InvalidRequestError } from './errors/invalid-request-error';
import { describeIssues, inputIssues } from './field-issues';
import type { Clocks, Operation, RequestParts, Safety } from './operation';
import { prepareBody } from './request-body';
import type { PreparedBody } from './request-body';
import { requestHeaders } from './request-headers';
import { requestUrl } from './request-url';
import { secretsOf } from './redaction';
import { tell } from './tell';
import type { CallOptions } from './transport';
import type { CallFacts } from './transport-events';
import type { TransportSettings } from './transport-settings';

/** One call, ready to be sent as often as its safety permits. `url`, `headers` and `secrets` are never shown. */
export interface PlannedRequest {
  readonly facts: Omit<CallFacts, 'attempt'>;
  readonly url: URL;
  /** Path and query to ask for where they are not those of `url`, which cannot hold every path. */
  readonly target?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: PreparedBody | undefined;
  /** Values in this request that the server might echo, with those of the session's header. Asked for when it failed. */
  readonly secrets: (sessionValue: string | undefined) => readonly string[];
  readonly safety: Safety;
  readonly access: 'user' | 'administrator' | undefined;
  readonly authorized: boolean;
  /** Counted by the request limiter. */
  readonly limited: boolean;
  readonly agent: AgentUse;
  /** `whole`: read into memory and checked. `stream`: handed out once the headers are there. */
  readonly mode: 'whole' | 'stream';
  /** A part was asked for, and a 206 is the answer to that. */
  readonly part: boolean;
  /** A download that breaks off may be gone on with where it broke. */
  readonly resumable: boolean;
  readonly clocks: Clocks;
  readonly maxAttempts: number;
  readonly priority: number;
  readonly onSent: ((bytes: number) => void) | undefined;
}

/** @throws InvalidRequestError for tries and clocks of a call that make no sense; NaN tries would never end. */
export function checkCallOptions(
  operation: string,
  { headersMs, idleMs, totalMs }: Clocks,
  { maxAttempts }: CallOptions,
): void {
  const named = { headersMs, idleMs, totalMs, maxAttempts };
  for (const [name, value] of Object.entries(named)) {
    if (value === undefined || (Number.isFinite(value) && value >= (name === 'maxAttempts' ? 1 : 0)))
      continue;
    throw new InvalidRequestError({
      operation,
      message: `${operation}: ${name} is no number that makes sense. Nothing was sent.`,
      hint: 'Correct the option of the call.',
      issues: [{ path: name, code: 'invalid_option' }],
    });
  }
}

export function mergeClocks(...clocks: (Partial<Clocks> | undefined)[]): Clocks {
  const merged = { headersMs: 0, idleMs: 0, totalMs: 0 };
  for (const one of clocks) {
    if (one?.headersMs !== undefined) merged.headersMs = one.headersMs;
    if (one?.idleMs !== undefined) merged.idleMs = one.idleMs;
    if (one?.totalMs !== undefined) merged.totalMs = one.totalMs;
  }
  return merged;
}

export function validInput<In, Out>(operation: Operation<In, Out>, input: In): In {
  if (operation.input === undefined) return input;
  try {
    return operation.input.parse(input);
  } catch (error) {
    const issues = inputIssues(error);
    throw new InvalidRequestError({
      operation: operation.name,
      message: `${operation.name}: the input was refused: ${issues.length === 0 ? 'it does not fit its schema' : describeIssues(issues)}. Nothing was sent.`,
      hint: 'Correct the input.',
      issues,
    });
  }
}

function encoded<In, Out>(operation: Operation<In, Out>, input: In): RequestParts {
  return operation.encode?.(input) ?? {};
}

export function planRequest<In, Out>(
  settings: TransportSettings,
  operation: Operation<In, Out>,
  input: In,
  options: CallOptions,
  mode: 'whole' | 'stream',
): PlannedRequest {
  const { name, method, path, safety } = operation;
  const { onSent } = options;
  const parts = encoded(operation, input);
  const url = new URL(requestUrl(settings.base, operation, parts));
  const body = prepareBody(name, parts.body);
  const type = body === undefined ? undefined : { 'content-type': body.contentType };
  const headers = {
    ...(mode === 'stream' ? settings.streamHeaders : settings.wholeHeaders),
    ...requestHeaders(name, type, parts.headers),
    ...(body?.length === undefined ? {} : { 'content-length': String(body.length) }),
  };
  const clocks = mergeClocks(settings.clocks, operation.clocks, options.clocks);
  checkCallOptions(name, clocks, options);
  return {
    facts: { operation: name, method, path, host: url.host },
    url,
    headers,
    body,
    secrets: (sessionValue) => secretsOf(parts, sessionValue),
    safety,
    access: operation.access,
    authorized: operation.auth !== 'none' && settings.options.session !== undefined,
    limited: true,
    agent: safety === 'unsafe' ? 'fresh' : 'shared',
    mode,
    part: false,
    resumable: method === 'GET' && safety === 'safe' && body === undefined && options.resume !== false,
    clocks,
    maxAttempts: options.maxAttempts ?? settings.retry.maxAttempts,
    priority: options.priority ?? 0,
    onSent: onSent === undefined ? undefined : (bytes) => tell(onSent, bytes),
  };
}
