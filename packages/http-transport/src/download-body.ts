import type { Readable } from 'node:stream';
import type { CallScope } from './call-scope';
import { countedStream } from './counted-stream';
import type { SourceFailure } from './counted-stream';
import { connectionError, interruptedError, timeoutError } from './map-failure';
import type { FailedCall } from './map-failure';
import type { ResumeDownload, RunningBody } from './resume-download';
import { errorCodeOf } from './try-problem';
import type { TryProblem } from './try-problem';

export interface DownloadBodyOptions {
  readonly first: RunningBody;
  /** Content-Length, if any. */
  readonly size: number | undefined;
  readonly scope: CallScope;
  readonly call: FailedCall;
  readonly resume: ResumeDownload | undefined;
}

const codeOf = (failure: SourceFailure): string | undefined =>
  failure.kind === 'error' ? errorCodeOf(failure.error) : undefined;

/**
 * The body that the caller reads: checked against its length, under the idle clock while the *server* is the slow one,
 * under the total clock to its end. However it ends, clocks and connection are freed.
 */
export function downloadBody({ first, size, scope, call, resume }: DownloadBodyOptions): Readable {
  let { watch } = first;
  let resuming = false;

  const hold = (running: RunningBody): Readable => {
    watch = running.watch;
    watch.holdWhile(() => running.stream.isPaused());
    return running.stream;
  };
  const next = async (
    go: ResumeDownload,
    failure: SourceFailure,
    got: number,
  ): Promise<Readable | undefined> => {
    watch.end();
    if (scope.interruption() !== undefined) return undefined;
    const clock = watch.timedOut();
    const problem: TryProblem =
      clock === undefined
        ? { kind: 'cut', status: 200, code: codeOf(failure) }
        : { kind: 'timeout', clock, sent: true };
    resuming = true;
    const running = await go(problem, got);
    resuming = false;
    if (running === undefined) return undefined;
    if (body.destroyed) running.watch.end();
    return hold(running);
  };

  const body = countedStream(hold(first), {
    expected: size,
    onResume: () => watch.resumed(),
    fail: (failure) => {
      if (scope.interruption() !== undefined) return interruptedError(call, scope, 'unknown');
      if (watch.timedOut() !== undefined) return timeoutError(call, 'idle', 'unknown');
      return connectionError(call, codeOf(failure), 'unknown', true);
    },
    next: resume === undefined ? undefined : (failure, got) => next(resume, failure, got),
  });
  const forget = scope.onInterrupt(() => {
    body.destroy(interruptedError(call, scope, 'unknown'));
  });
  body.once('close', () => {
    forget();
    watch.end();
    // Nobody reads any more: the wait for the next try, or the try itself, ends as well.
    if (resuming) scope.interrupt('caller');
    scope.end();
  });
  return body;
}
