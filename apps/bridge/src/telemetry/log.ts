import type { DestinationStream, Logger, LoggerOptions } from 'pino';
import { pino, stdTimeFunctions } from 'pino';
import type { Secret } from '../config/secret';
import { allowFields, describeError } from './log-fields';
import { createScrubber } from './scrub';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogOptions {
  readonly level: LogLevel;
  /** Secrets whose text is removed from every line, wherever it came from. */
  readonly secrets?: readonly Secret[];
  /** Standard output by default, written at once, so that a killed process has said what it did. */
  readonly destination?: DestinationStream;
}

/**
 * Makes the logger: one JSON object a line, with ids and never with secrets. Three guards in a row: fields by an
 * allow-list, errors by an allow-list of their facts, and the finished line scrubbed.
 *
 * @example
 * const log = createLogger({ level: 'info', secrets: collectSecrets(config) });
 * log.info({ event: 'taken', messageId, gatewayMessageId }, 'taken');
 */
export function createLogger({ level, secrets = [], destination }: LogOptions): Logger {
  const scrub = createScrubber(secrets);
  const options: LoggerOptions = {
    level,
    base: { pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: allowFields },
    serializers: { err: (error: unknown) => describeError(error) },
    hooks: { streamWrite: scrub },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
