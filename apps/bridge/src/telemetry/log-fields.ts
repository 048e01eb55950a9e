import { types } from 'node:util';

/**
 * The fields that a log line may carry; all others are left out by name. An allow-list, since nobody can list
 * beforehand what a secret will be called: request options, headers and whole configurations stay out by themselves.
 */
const allowed: ReadonlySet<string> = new Set([
  'event',
  'messageId',
  'gatewayMessageId',
  'attachmentId',
  'deliveryId',
  'destination',
  'route',
  'station',
  'partner',
  'peer',
  'stage',
  'state',
  'from',
  'to',
  'reasons',
  'why',
  'kind',
  'subject',
  'part',
  'service',
  'reason',
  'operation',
  'status',
  'outcome',
  'requestId',
  'tries',
  'attempts',
  'dueAt',
  'delayMs',
  'durationMs',
  'bytes',
  'size',
  'count',
  'files',
  'file',
  'directory',
  'url',
  'host',
  'port',
  'version',
  'node',
  'mode',
  'signal',
  'policy',
  'keyId',
  'groupId',
  'fileId',
  'schema',
  'migration',
  'omitted',
  'err',
]);

/** The fields that may be logged, and the names of the others under `omitted`. Pure. */
export function allowFields(fields: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(fields);
  const kept = entries.filter(([name]) => allowed.has(name));
  if (kept.length === entries.length) return fields;
  const omitted = entries.map(([name]) => name).filter((name) => !allowed.has(name));
  return { ...Object.fromEntries(kept), omitted };
}

/** What a log line says of an error: its words and the facts of the call, never the request or what was sent. */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
  readonly [fact: string]: unknown;
}

const facts = [
  'code',
  'operation',
  'status',
  'outcome',
  'requestId',
  'attempts',
  'retryAfterMs',
  'clock',
] as const;

/** Reads an error by an allow-list of its own; causes down to the third. Pure. */
export function describeError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error || types.isNativeError(error)))
    return { type: typeof error, message: 'something that is no error was thrown' };
  const known: Record<string, unknown> = {};
  for (const name of facts) {
    const value: unknown = Reflect.get(error, name);
    if (typeof value === 'string' || typeof value === 'number') known[name] = value;
  }
  return {
    ...known,
    type: error.name,
    message: error.message,
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined || depth >= 2 ? {} : { cause: describeError(error.cause, depth + 1) }),
  };
}
