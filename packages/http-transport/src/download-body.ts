import type { Readable } from 'node:stream';
import type { CallScope } from './call-scope';
import { countedStream } from './counted-stream';
import { connectionError, interruptedError, timeoutError } from './map-failure';
import type { FailedCall } from './map-failure';
import type { RequestWatch } from './request-watch';
import { errorCodeOf } from './try-problem';

export interface DownloadBodyOptions {
  readonly stream: Readable;
  readonly watch: RequestWatch;
  /** Content-Length, if any. */
  readonly size: number | undefined;
  readonly scope: CallScope;
  readonly call: FailedCall;
}

/**
 * The body that the caller reads: checked against its length, under the idle clock while the *server* is the slow one,
 * under the total clock to its end. However it ends, clocks and connection are freed.
 */
export function downloadBody({ stream, watch, size, scope, call }: DownloadBodyOptions): Readable {
  const body = countedStream(stream, {
    expected: size,
    onResume: watch.resumed,
    fail: (failure) => {
      if (scope.interruption() !== undefined) return interruptedError(call, scope, 'unknown');
      if (watch.timedOut() !== undefined) return timeoutError(call, 'idle', 'unknown');
      const code = failure.kind === 'error' ? errorCodeOf(failure.error) : undefined;
      return connectionError(call, code, 'unknown', true);
    },
  });
  watch.holdWhile(() => stream.isPaused());
  const forget = scope.onInterrupt(() => {
    body.destroy(interruptedError(call, scope, 'unknown'));
  });
  body.once('close', () => {
    forget();
    watch.end();
    scope.end();
  });
  return body;
}
