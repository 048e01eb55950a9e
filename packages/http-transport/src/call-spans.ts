import { channel } from 'node:diagnostics_channel';
import type { HttpMethod } from './operation';

/** Message on `mft-bridge:http:start`, `:end` and `:error`; the same object on all three, for one call. */
export interface CallSpan {
  readonly operation: string;
  readonly method: HttpMethod;
  /** The template. */
  readonly path: string;
  readonly host: string;
  status?: number;
  attempts?: number;
  /** Name of the error class, never the error. */
  error?: string;
}

export interface CallSpans {
  start(facts: Pick<CallSpan, 'operation' | 'method' | 'path' | 'host'>): CallSpan | undefined;
  end(span: CallSpan | undefined, result: { status: number; attempts: number }): void;
  error(span: CallSpan | undefined, name: string): void;
}

/** One span per call on `node:diagnostics_channel`; costs nothing while nobody subscribes. */
export function createCallSpans(): CallSpans {
  const started = channel('mft-bridge:http:start');
  const ended = channel('mft-bridge:http:end');
  const failed = channel('mft-bridge:http:error');
  return {
    start: (facts) => {
      if (!started.hasSubscribers && !ended.hasSubscribers && !failed.hasSubscribers) return undefined;
      const span: CallSpan = { ...facts };
      started.publish(span);
      return span;
    },
    end: (span, result) => {
      if (span !== undefined) ended.publish(Object.assign(span, result));
    },
    error: (span, name) => {
      if (span !== undefined) failed.publish(Object.assign(span, { error: name }));
    },
  };
}
