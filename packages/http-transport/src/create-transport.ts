import axios from 'axios';
import { attachAxiosRetry } from './axios-retry';
import type { CallScope } from './call-scope';
import { createCallSpans } from './call-spans';
import { createConnectionAgents } from './connection-agents';
import { downloadBody } from './download-body';
import { errorName } from './error-name';
import { AbortedError } from './errors/aborted-error';
import { createEventHub } from './event-hub';
import { isMftBridgeError } from './errors/guards';
import { MftBridgeError } from './errors/mft-bridge-error';
import type { FailedCall } from './map-failure';
import type { TryAnswer } from './one-try';
import type { Operation } from './operation';
import { runCall } from './pipeline';
import type { Machinery, PipelineCall } from './pipeline';
import { planRequest, validInput } from './planned-request';
import { planUrl } from './planned-url';
import { requestIdOf, shownOf } from './redaction';
import { resumeDownload } from './resume-download';
import type { RunningBody } from './resume-download';
import { createRequestLimiter } from './request-limiter';
import { createRetryBudget } from './retry-budget';
import type { CallOptions, Download, Reply, Transport } from './transport';
import type { TransportOptions } from './transport-options';
import { transportSettings } from './transport-settings';
import { validOutput } from './valid-output';

function createMachinery(options: TransportOptions): Machinery {
  const settings = transportSettings(options);
  const client = axios.create({ transformRequest: [], transformResponse: [] });
  // The try builds the real request. Merged into each call (4 % of a small one), axios' defaults would change nothing.
  for (const name of Object.keys(client.defaults)) {
    if (!['headers', 'transformRequest', 'transformResponse'].includes(name))
      Reflect.deleteProperty(client.defaults, name);
  }
  attachAxiosRetry(client);
  const { limit } = options;
  return {
    settings,
    client,
    agents: createConnectionAgents(options.egress),
    limiter:
      limit === undefined || limit === false
        ? undefined
        : createRequestLimiter({ ...limit, now: settings.now, sleep: settings.sleep }),
    budget: createRetryBudget(options.retry?.budget, settings.now),
    hub: createEventHub(),
    spans: createCallSpans(),
    openScopes: new Set<CallScope>(),
  };
}

/** The validated output of an answer that was read whole. */
function dataOf<In, Out>(
  { name, output }: Operation<In, Out>,
  { status, headers, body }: TryAnswer,
  { plan, sessionValue }: FailedCall,
): Out {
  return validOutput(name, output, { status, headers, body: body as Buffer }, () =>
    plan.secrets(sessionValue),
  );
}

const acceptDownload: PipelineCall<Download>['accept'] = (answer, call, scope, more) => {
  const { status, headers } = answer;
  const { plan, settings } = call;
  const length = headers['content-length'];
  const size = length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined;
  const contentType = headers['content-type'];
  const contentEncoding = headers['content-encoding'];
  return {
    body: downloadBody({
      first: answer.body as RunningBody,
      size,
      scope,
      call,
      resume: resumeDownload({ plan, scope, settings, first: answer, size, ...more }),
    }),
    ...(size === undefined ? {} : { size }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(contentEncoding === undefined || contentEncoding === 'identity' ? {} : { contentEncoding }),
    status,
    attempts: call.progress.attempts,
  };
};

/** What `encode` of an operation throws may hold its input; only the name of it comes out. */
function ownErrors<T>(operation: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isMftBridgeError(error)) throw error;
    throw new MftBridgeError({
      operation,
      outcome: 'not-sent',
      message: `${operation}: the request could not be made from its input (${errorName(error)}). Nothing was sent.`,
      hint: 'Look at the input, and at the operation that encodes it.',
    });
  }
}

/**
 * Makes a transport for one API. Opens nothing and starts nothing until the first call.
 *
 * @throws InvalidRequestError when an option makes no sense, such as plain http to another machine.
 * @example
 * const transport = createTransport({
 *   baseUrl: 'https://api.example.com',
 *   session: staticSession({ name: 'authorization', value: `Bearer ${key}` }),
 * });
 * const user = await transport.call(getUser, { id: '42' });
 * await transport.close();
 */
export function createTransport(options: TransportOptions): Transport {
  const machinery = createMachinery(options);
  const { settings, hub, agents, openScopes } = machinery;
  let closed = false;

  const guard = (operation: string): void => {
    if (!closed) return;
    throw new AbortedError({
      operation,
      outcome: 'not-sent',
      attempts: 0,
      message: `${operation}: this client was closed. Nothing was sent.`,
      hint: 'Make a new client.',
    });
  };

  const prepare = <In, Out>(
    operation: Operation<In, Out>,
    input: In,
    call: CallOptions,
    mode: 'whole' | 'stream',
  ): Pick<PipelineCall<never>, 'plan' | 'deprecated' | 'signal'> => {
    guard(operation.name);
    const { deprecated } = operation;
    return {
      plan: () => {
        const plan = ownErrors(operation.name, () =>
          planRequest(settings, operation, validInput(operation, input), call, mode),
        );
        // The schema or `encode` may itself have closed the client.
        guard(operation.name);
        return plan;
      },
      deprecated: () => {
        try {
          return typeof deprecated === 'function' ? deprecated(input) : deprecated;
        } catch {
          // It was given what the schema has not seen; a notice is not worth a call.
          return undefined;
        }
      },
      signal: call.signal,
    };
  };

  const send = async <In, Out>(
    operation: Operation<In, Out>,
    input: In,
    call: CallOptions = {},
  ): Promise<Reply<Out>> =>
    runCall(machinery, {
      ...prepare(operation, input, call, 'whole'),
      accept: (answer, failed) => {
        const { status, headers } = answer;
        const { plan, progress, sessionValue } = failed;
        const data = dataOf(operation, answer, failed);
        const secrets = plan.secrets(sessionValue);
        const requestId = requestIdOf(headers, secrets);
        return {
          data,
          status,
          headers: shownOf(headers, secrets),
          header: (name) => headers[name.toLowerCase()],
          ...(requestId === undefined ? {} : { requestId }),
          attempts: progress.attempts,
        };
      },
    });

  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    for (const scope of [...openScopes]) scope.interrupt('closed');
    machinery.limiter?.close();
    agents.close();
    // Last: a session that fails to close, or never does, must not keep the connections.
    try {
      await options.session?.close?.();
    } catch (error) {
      if (isMftBridgeError(error)) throw error;
      throw new MftBridgeError({
        operation: 'transport.close',
        outcome: 'unknown',
        message: 'transport.close: the session could not be closed. All connections are.',
        hint: 'Look at the close function of the session.',
      });
    }
  };

  return {
    send,
    // Without the envelope of `send`: to clean headers that nobody looks at was a twelfth of a small call.
    call: async (operation, input, call = {}) =>
      runCall(machinery, {
        ...prepare(operation, input, call, 'whole'),
        accept: (answer, failed) => dataOf(operation, answer, failed),
      }),
    download: async (operation, input, call = {}) =>
      runCall(machinery, { ...prepare(operation, input, call, 'stream'), accept: acceptDownload }),
    downloadUrl: async (url, rules, call = {}) => {
      guard(rules.operation);
      return runCall(machinery, {
        plan: () => ownErrors(rules.operation, () => planUrl(settings, url, rules, call)),
        deprecated: () => undefined,
        signal: call.signal,
        accept: acceptDownload,
      });
    },
    on: hub.on,
    setLimit: (limit) => machinery.limiter?.setLimit(limit),
    close,
    [Symbol.asyncDispose]: close,
  };
}
