import type { AxiosInstance } from 'axios';
import { Interrupted, unlessInterrupted } from './abortable';
import { openCallScope } from './call-scope';
import type { CallScope } from './call-scope';
import type { CallSpans } from './call-spans';
import type { ConnectionAgents } from './connection-agents';
import { deprecationOf, noteDeprecation } from './deprecation-watch';
import { isApiError } from './errors/guards';
import type { EventHub } from './event-hub';
import { mapFailure, SessionFailed } from './map-failure';
import type { FailedCall } from './map-failure';
import { oneTry } from './one-try';
import type { TryAnswer } from './one-try';
import type { PlannedRequest } from './planned-request';
import { requestIdOf } from './redaction';
import { requestHeaders } from './request-headers';
import type { RequestLimiter } from './request-limiter';
import type { ResumeOptions } from './resume-download';
import type { RetryBudget } from './retry-budget';
import { sendWithRetries } from './send-with-retries';
import type { CallProgress } from './send-with-retries';
import type { SessionHeader } from './session';
import type { TransportSettings } from './transport-settings';
import { TryFailure } from './try-problem';
import type { TryProblem } from './try-problem';

/** What all calls of one transport share. */
export interface Machinery {
  readonly settings: TransportSettings;
  readonly client: AxiosInstance;
  readonly agents: ConnectionAgents;
  readonly limiter: RequestLimiter | undefined;
  readonly budget: RetryBudget;
  readonly hub: EventHub;
  readonly spans: CallSpans;
  readonly openScopes: Set<CallScope>;
}

/** For a download that is gone on with after this function has returned. */
export interface MoreTries {
  readonly budget: RetryBudget;
  readonly again: ResumeOptions['again'];
  readonly onRetry: ResumeOptions['onRetry'];
}

export interface PipelineCall<T> {
  /** Validates the input and plans the request; throws InvalidRequestError. */
  readonly plan: () => PlannedRequest;
  /** From our own table: this call, or this input, is deprecated. */
  readonly deprecated: () => string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Makes the result of the answer; throws ResponseShapeError. */
  readonly accept: (answer: TryAnswer, call: FailedCall, scope: CallScope, more: MoreTries) => T;
}

/**
 * The way of every call. Its order is the order of this function:
 * validate input -> authorize -> send -> map errors -> note deprecation -> validate output -> hooks.
 */
export async function runCall<T>(machinery: Machinery, request: PipelineCall<T>): Promise<T> {
  const { settings, hub, spans } = machinery;

  // 1. Validate input: nothing invalid costs a request.
  const plan = request.plan();

  const scope = openCallScope({
    signal: request.signal,
    totalMs: plan.clocks.totalMs,
    now: settings.now,
    open: machinery.openScopes,
  });
  const span = spans.start(plan.facts);
  const state: CallState = {
    progress: { attempts: 0, outcome: 'not-sent' },
    header: undefined,
  };
  const failed = (): FailedCall => ({
    plan,
    settings,
    progress: state.progress,
    sessionValue: state.header?.value,
  });
  const onRetry: ResumeOptions['onRetry'] = (event) => {
    hub.emit('retry', { ...plan.facts, attempt: state.progress.attempts, ...event });
  };
  const again: ResumeOptions['again'] = ({ from, etag }) => {
    const headers = { ...plan.headers, range: `bytes=${from}-`, 'if-range': etag };
    return attempt(machinery, { ...plan, headers, part: true }, scope, state, {});
  };
  let keepScope = false;
  try {
    const notice = request.deprecated();
    if (notice !== undefined)
      noteDeprecation(hub, { operation: plan.facts.operation, source: 'table', notice });
    let answer: TryAnswer;
    try {
      // 2. Authorize and 3. send: both once per try, since a token may expire while a retry waits.
      answer = await sendWithRetries({
        client: machinery.client,
        plan,
        scope,
        budget: machinery.budget,
        settings,
        progress: state.progress,
        attempt: (config) => attempt(machinery, plan, scope, state, config),
        renewed: (problem) => renewed(machinery, plan, scope, state, failed(), problem),
        onRetry,
      });
    } catch (thrown) {
      // 4. Map errors: from here on only errors of our own tree.
      if (thrown instanceof TryFailure) noteHeaders(machinery, plan, thrown.problem, state.header?.value);
      throw mapFailure(failed(), scope, thrown);
    }

    // 5. Note deprecation.
    noteHeaders(machinery, plan, answer, state.header?.value);

    // 6. Validate output.
    const result = request.accept(answer, failed(), scope, { budget: machinery.budget, again, onRetry });
    keepScope = !Buffer.isBuffer(answer.body);

    // 7. Hooks. (`request`, `response` and `retry` were emitted where they happened.)
    machinery.budget.earn();
    spans.end(span, { status: answer.status, attempts: state.progress.attempts });
    return result;
  } catch (error) {
    spans.error(span, error instanceof Error ? error.name : 'unknown');
    throw error;
  } finally {
    // A download goes on: its body ends the scope.
    if (!keepScope) scope.end();
  }
}

interface CallState {
  readonly progress: CallProgress;
  header: SessionHeader | undefined;
}

async function attempt(
  machinery: Machinery,
  plan: PlannedRequest,
  scope: CallScope,
  state: CallState,
  config: object,
): Promise<TryAnswer> {
  const { settings, hub, limiter } = machinery;
  const { session } = settings.options;
  if (scope.interruption() !== undefined) throw new Interrupted();
  state.header =
    plan.authorized && session !== undefined
      ? await asked(async () => {
          const header = await session.header({
            operation: plan.facts.operation,
            // Dear next to a small call, and asked for by few sessions and seldom.
            get signal() {
              return scope.signal;
            },
          });
          // axios would take line breaks out of a value and send the rest.
          requestHeaders(plan.facts.operation, { [header.name]: header.value });
          return header;
        }, scope)
      : undefined;
  // After the token: a login spends from the same limit, and must not wait behind its own call.
  if (limiter !== undefined && plan.limited) await limiter.take(plan.priority, scope.signal);

  state.progress.attempts += 1;
  const facts = { ...plan.facts, attempt: state.progress.attempts };
  const startedAt = settings.now();
  const answered = (status: number, headers: TryAnswer['headers']): void => {
    if (!hub.isHeard('response')) return;
    const durationMs = settings.now() - startedAt;
    const requestId = requestIdOf(headers, plan.secrets(state.header?.value));
    hub.emit('response', { ...facts, status, requestId, durationMs, serverTime: serverTimeOf(headers) });
  };
  if (hub.isHeard('request')) hub.emit('request', facts);
  try {
    const answer = await oneTry({
      plan,
      scope,
      agents: machinery.agents,
      header: state.header,
      maxResponseBytes: settings.maxResponseBytes,
      config,
    });
    answered(answer.status, answer.headers);
    return answer;
  } catch (error) {
    if (error instanceof TryFailure && error.problem.kind === 'status') {
      answered(error.problem.status, error.problem.headers);
    }
    throw error;
  }
}

/** What the session answers; waits no longer than the call may. */
async function asked<T>(question: () => Promise<T>, scope: CallScope): Promise<T> {
  try {
    return await unlessInterrupted(question(), scope);
  } catch (error) {
    throw error instanceof Interrupted ? error : new SessionFailed(error);
  }
}

/** Asks the session once whether there is another token after a 401 or 403. */
async function renewed(
  { settings }: Machinery,
  plan: PlannedRequest,
  scope: CallScope,
  { header }: CallState,
  call: FailedCall,
  problem: TryProblem & { kind: 'status' },
): Promise<boolean> {
  const { session } = settings.options;
  if (!plan.authorized || header === undefined || session?.rejected === undefined) return false;
  const error = mapFailure(call, scope, new TryFailure(problem, {}));
  if (!isApiError(error)) return false;
  const { operation } = plan.facts;
  return await asked(
    () => session.rejected?.({ operation, signal: scope.signal, header, error }) ?? Promise.resolve(false),
    scope,
  );
}

function noteHeaders(
  { hub }: Machinery,
  plan: PlannedRequest,
  answer: TryAnswer | TryProblem,
  sessionValue: string | undefined,
): void {
  if (!('headers' in answer)) return;
  const found = deprecationOf(answer.headers, () => plan.secrets(sessionValue));
  if (found !== undefined) noteDeprecation(hub, { operation: plan.facts.operation, ...found });
}

function serverTimeOf(headers: TryAnswer['headers']): number | undefined {
  const date: unknown = headers['date'];
  const at = typeof date === 'string' ? Date.parse(date) : NaN;
  return Number.isNaN(at) ? undefined : at;
}
