import type { Readable } from 'node:stream';
import { askRetry } from './ask-retry';
import type { CallScope } from './call-scope';
import type { TryAnswer } from './one-try';
import type { PlannedRequest } from './planned-request';
import type { HeaderMap } from './redaction';
import type { RequestWatch } from './request-watch';
import type { RetryBudget } from './retry-budget';
import type { RetryEvent } from './transport-events';
import type { TransportSettings } from './transport-settings';
import { TryFailure } from './try-problem';
import type { TryProblem } from './try-problem';

/** The body of a download while it comes, with the watch that must be ended with it. */
export interface RunningBody {
  readonly stream: Readable;
  readonly watch: RequestWatch;
}

/** Bytes from here to the end, of this version of the file only. */
export interface ByteRange {
  readonly from: number;
  readonly etag: string;
}

export interface ResumeOptions {
  readonly plan: PlannedRequest;
  readonly scope: CallScope;
  readonly settings: TransportSettings;
  readonly budget: RetryBudget;
  /** The answer that began the download. */
  readonly first: TryAnswer;
  /** Content-Length of the whole. */
  readonly size: number | undefined;
  /** One further try, authorized and counted as any other. */
  readonly again: (range: ByteRange) => Promise<TryAnswer>;
  readonly onRetry: (event: Pick<RetryEvent, 'reason' | 'status' | 'afterMs' | 'fromByte'>) => void;
}

/** Goes on with a body that broke off after `got` bytes; undefined where it cannot. Never rejects. */
export type ResumeDownload = (problem: TryProblem, got: number) => Promise<RunningBody | undefined>;

/** A weak ETag promises the same meaning, not the same bytes. */
function strongEtag(headers: HeaderMap): string | undefined {
  const etag = headers['etag']?.trim();
  return etag !== undefined && /^"[\x21\x23-\x7e\x80-\xff]+"$/.test(etag) ? etag : undefined;
}

function isEncoded(headers: HeaderMap): boolean {
  return (headers['content-encoding'] ?? 'identity') !== 'identity';
}

/** Whether this answer is exactly the rest of that file. */
function isRest({ status, headers }: TryAnswer, { from, etag }: ByteRange, size: number): boolean {
  if (status !== 206 || isEncoded(headers) || headers['etag']?.trim() !== etag) return false;
  const length = headers['content-length'];
  if (length !== undefined && Number(length) !== size - from) return false;
  return headers['content-range']?.trim() === `bytes ${from}-${size - 1}/${size}`;
}

function discard(answer: TryAnswer): void {
  if (Buffer.isBuffer(answer.body)) return;
  answer.body.watch.end();
  answer.body.stream.destroy();
}

/**
 * How a download is gone on with after a break, or undefined where the server does not offer it: that takes
 * `Accept-Ranges: bytes`, a length, and a strong ETag, which `If-Range` sends back, so that a file that changed in the
 * meantime comes as a 200 and is refused. Half of one file and half of another is no file.
 *
 * Only tries that bring nothing count towards `maxAttempts`: a large file over a line that drops every minute arrives.
 * The retry budget and the total clock bound the rest.
 */
export function resumeDownload(options: ResumeOptions): ResumeDownload | undefined {
  const { plan, scope, settings, budget, first, size } = options;
  const { headers } = first;
  const etag = strongEtag(headers);
  const offered = /(^|[,\s])bytes($|[,\s])/i.test(headers['accept-ranges'] ?? '');
  if (!plan.resumable || first.status !== 200 || size === undefined || etag === undefined || !offered)
    return undefined;
  if (isEncoded(headers)) return undefined;
  let gotBefore = 0;
  let fruitless = 0;

  const goOn = async (problem: TryProblem, got: number): Promise<RunningBody | undefined> => {
    fruitless = got > gotBefore ? 1 : fruitless + 1;
    gotBefore = got;
    const retry = askRetry(problem, { plan, scope, settings, budget, replayable: true, attempts: fruitless });
    if (retry === undefined) return undefined;
    options.onRetry({ ...retry, fromByte: got });
    const range = { from: got, etag };
    let answer: TryAnswer;
    try {
      if (retry.afterMs > 0) await settings.sleep(retry.afterMs, scope.signal);
      answer = await options.again(range);
    } catch (error) {
      return error instanceof TryFailure ? goOn(error.problem, got) : undefined;
    }
    if (!Buffer.isBuffer(answer.body) && isRest(answer, range, size)) return answer.body;
    discard(answer);
    return undefined;
  };
  // A break behind the last byte leaves nothing to ask for.
  return (problem, got) => (got < size ? goOn(problem, got) : Promise.resolve(undefined));
}
