import { Interrupted } from './abortable';
import type { CallScope } from './call-scope';
import { connectionAdvice } from './connection-advice';
import type { SourceFailure } from './counted-stream';
import { errorName } from './error-name';
import { AbortedError } from './errors/aborted-error';
import type { ApiError } from './errors/api-error';
import { ConnectionError } from './errors/connection-error';
import { isMftBridgeError } from './errors/guards';
import { MftBridgeError } from './errors/mft-bridge-error';
import type { Outcome } from './errors/mft-bridge-error';
import { RequestBodyError } from './errors/request-body-error';
import { ResponseShapeError } from './errors/response-shape-error';
import { TimeoutError } from './errors/timeout-error';
import type { ClockName } from './errors/timeout-error';
import { parseBody } from './parse-body';
import type { PlannedRequest } from './planned-request';
import { requestIdOf, scrub, shownOf } from './redaction';
import { parseRetryAfter } from './retry-after';
import { outcomeOf, worseOutcome } from './outcome';
import type { CallProgress } from './send-with-retries';
import { statusAdvice } from './status-advice';
import type { TransportSettings } from './transport-settings';
import { errorCodeOf, TryFailure } from './try-problem';
import type { TryProblem } from './try-problem';

export interface FailedCall {
  readonly plan: PlannedRequest;
  readonly settings: TransportSettings;
  readonly progress: CallProgress;
  /** The value of the session's header, to be kept out of texts. */
  readonly sessionValue: string | undefined;
}

const meaningOf: Readonly<Record<Outcome, string>> = {
  'not-sent': 'Nothing was sent.',
  rejected: 'Nothing was done there.',
  unknown: 'Whether the request was carried out is not known.',
};

const tries = (attempts: number): string => (attempts > 1 ? ` after ${attempts} tries` : '');

function apiError(call: FailedCall, problem: TryProblem & { kind: 'status' }, outcome: Outcome): ApiError {
  const { plan, settings, progress } = call;
  const { operation, method, path } = plan.facts;
  const { status, headers } = problem;
  const secrets = plan.secrets(call.sessionValue);
  const body = problem.truncated ? undefined : parseBody(problem.body, headers['content-type']).value;
  let said: { readonly code?: unknown; readonly message?: unknown } = {};
  try {
    said = settings.options.readError?.(body, status) ?? {};
  } catch {
    // A body of another shape than the client's reader expects, such as the HTML of a proxy.
  }
  const saidCode = wordOf(said.code);
  const code =
    saidCode === undefined || !/^[\w.:-]{1,100}$/.test(saidCode) ? undefined : scrub(saidCode, secrets);
  const sentence = wordOf(said.message);
  const advice = statusAdvice(status);
  const meaning =
    status === 403 && plan.access !== undefined
      ? `this call needs the rights of ${article(plan.access)}`
      : advice.meaning;
  const words = sentence === undefined ? '' : ` It says: ${ended(scrub(sentence, secrets))}`;
  let own: string | undefined;
  try {
    own = settings.options.hint?.({ operation, status, code, access: plan.access });
  } catch {
    // The status is what the caller must learn of, not a fault of the one who was asked for a hint.
  }
  const small = problem.body.length <= 16 * 1024 && typeof body === 'object';
  return new advice.make({
    message: `${operation}: the server answered ${status}${code === undefined ? '' : ` (${code})`}${tries(progress.attempts)}: ${meaning}.${words}`,
    hint: own ?? advice.hint,
    operation,
    outcome,
    status,
    code,
    requestId: requestIdOf(headers, secrets),
    method,
    path,
    headers: shownOf(headers, secrets),
    body: small ? body : problem.body.toString('utf8', 0, 2048),
    attempts: progress.attempts,
    retryAfterMs: parseRetryAfter(headers['retry-after'], settings.now()),
  });
}

/** A reader hands on what the server wrote, and servers write numbers and objects where others have text. */
const wordOf = (said: unknown): string | undefined =>
  typeof said === 'string' || typeof said === 'number' ? String(said) : undefined;

/** What a server says seldom ends in a full stop, and the hint comes after it. */
const ended = (sentence: string): string => (/[.!?…]$/.test(sentence) ? sentence : `${sentence}.`);

const article = (access: 'user' | 'administrator'): string =>
  access === 'user' ? 'a user' : 'an administrator';

const clockMeaning: Readonly<Record<ClockName, string>> = {
  headers: 'no answer came',
  idle: 'no byte moved',
  total: 'the call was not done',
};

export function timeoutError(call: FailedCall, clock: ClockName, outcome: Outcome): TimeoutError {
  const { plan, progress } = call;
  const limitMs = plan.clocks[`${clock}Ms`];
  return new TimeoutError({
    message: `${plan.facts.operation}: ${clockMeaning[clock]} within ${limitMs} ms (the ${clock} clock)${tries(progress.attempts)}. ${meaningOf[outcome]}`,
    hint: `Look at the service and the way to it; the limit is clocks.${clock}Ms.`,
    operation: plan.facts.operation,
    outcome,
    clock,
    limitMs,
    attempts: progress.attempts,
  });
}

export function connectionError(
  call: FailedCall,
  code: string | undefined,
  outcome: Outcome,
  cut = false,
): ConnectionError {
  const { plan, progress } = call;
  const advice = connectionAdvice(code, outcome !== 'not-sent');
  const { operation, host } = plan.facts;
  return new ConnectionError({
    message: `${operation}: ${cut ? 'the answer broke off' : advice.what} (${host}${code === undefined ? '' : `, ${code}`})${tries(progress.attempts)}. ${meaningOf[outcome]}`,
    hint: advice.hint,
    operation,
    outcome,
    code,
    host,
    attempts: progress.attempts,
  });
}

const sourceMeaning = (failure: SourceFailure): string => {
  if (failure.kind === 'length') return `yielded ${failure.got} bytes, but ${failure.expected} were declared`;
  return failure.kind === 'closed' ? 'was closed before its end' : 'failed while it was read';
};

function bodyError(call: FailedCall, failure: SourceFailure, outcome: Outcome): RequestBodyError {
  const { operation } = call.plan.facts;
  return new RequestBodyError({
    message: `${operation}: the source of the request's body ${sourceMeaning(failure)}. ${meaningOf[outcome]}`,
    hint: 'Look at the file or stream that was to be sent.',
    operation,
    outcome,
    code: failure.kind === 'error' ? errorCodeOf(failure.error) : undefined,
    attempts: call.progress.attempts,
  });
}

/** The error of an interrupted call; `outcome` is what is known of the try that was under way. */
export function interruptedError(call: FailedCall, scope: CallScope, outcome: Outcome): MftBridgeError {
  const why = scope.interruption();
  if (why === 'total') return timeoutError(call, 'total', outcome);
  const { operation } = call.plan.facts;
  return new AbortedError({
    message: `${operation}: ${why === 'closed' ? 'the client was closed' : 'the caller aborted the call'}. ${meaningOf[outcome]}`,
    operation,
    outcome,
    attempts: call.progress.attempts,
  });
}

const unreadableBecause = (
  why: (TryProblem & { kind: 'unreadable' })['why'],
  maxResponseBytes: number,
): string => {
  if (why === 'too-large') return `is larger than ${maxResponseBytes} bytes`;
  return why === 'part' ? 'is only a part, which nobody asked for' : 'is not encoded as it says';
};

/** What the session threw, to tell it from faults of the call itself. */
export class SessionFailed extends Error {
  readonly thrown: unknown;

  constructor(thrown: unknown) {
    super('the session failed');
    this.thrown = thrown;
  }
}

/**
 * What the session threw, as an error of this call: the same class with the same facts, but with the outcome of *this*
 * request, which was not sent. A login that ended in the dark must not make a submit look as if it had.
 */
function sessionError(call: FailedCall, error: unknown): MftBridgeError {
  const { operation } = call.plan.facts;
  const { outcome } = call.progress;
  if (!isMftBridgeError(error)) {
    return new MftBridgeError({
      message: `${operation}: the provider of the token failed (${errorName(error)}). ${meaningOf[outcome]}`,
      hint: 'Look at the function that was given as auth provider or session.',
      operation,
      outcome,
    });
  }
  const copy: object = new Error();
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error) as object);
  Object.defineProperties(copy, Object.getOwnPropertyDescriptors(error));
  const message = `${operation}: could not be authorized. ${error.message}`;
  Object.defineProperty(copy, 'message', {
    value: message,
    enumerable: false,
    configurable: true,
    writable: true,
  });
  return Object.assign(copy as MftBridgeError, { outcome });
}

/** Turns whatever a call ended with into the one tree of errors. */
export function mapFailure(call: FailedCall, scope: CallScope, thrown: unknown): MftBridgeError {
  const { plan, progress } = call;
  if (thrown instanceof TryFailure) {
    const { problem } = thrown;
    // A read is of no consequence; for everything else an earlier, unclear try stays unclear.
    const own = outcomeOf(problem);
    const outcome = plan.safety === 'safe' ? own : worseOutcome(progress.outcome, own);
    switch (problem.kind) {
      case 'status':
        return apiError(call, problem, outcome);
      case 'connection':
        return connectionError(call, problem.code, outcome);
      case 'cut':
        return connectionError(call, problem.code, outcome, true);
      case 'timeout':
        return timeoutError(call, problem.clock, outcome);
      case 'source':
        return bodyError(call, problem.failure, outcome);
      case 'unreadable':
        return new ResponseShapeError({
          message: `${plan.facts.operation}: the server answered ${problem.status}, but its body ${unreadableBecause(problem.why, call.settings.maxResponseBytes)}. ${meaningOf.unknown}`,
          hint: 'Look whether a proxy changes answers; very large answers need a download or a smaller page.',
          operation: plan.facts.operation,
          status: problem.status,
        });
    }
  }
  if (thrown instanceof Interrupted || scope.interruption() !== undefined) {
    const sent = thrown instanceof Interrupted && thrown.sent;
    return interruptedError(call, scope, sent ? 'unknown' : progress.outcome);
  }
  if (thrown instanceof SessionFailed) return sessionError(call, thrown.thrown);
  // A fault of this package, or of a schema or hint that it was given.
  return new MftBridgeError({
    message: `${plan.facts.operation}: the call failed inside of this client (${errorName(thrown)}). ${meaningOf.unknown}`,
    hint: 'This is a fault of the client; please report it.',
    operation: plan.facts.operation,
    outcome: 'unknown',
  });
}
