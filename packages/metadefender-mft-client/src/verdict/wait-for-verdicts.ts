import type { CallOptions } from '@mft-bridge/http-transport';
import { InvalidRequestError } from '@mft-bridge/http-transport';
import type { FileStatus } from '../schemas/file-status';
import { checkWaitOptions } from './check-wait-options';
import type { ExpectedFile } from './evaluate-verdict';
import { createRequestPacer } from './request-pacer';
import type { Verdict } from './verdict';
import type { WaitNeeds } from './wait-for-verdict';
import { waitForVerdict } from './wait-for-verdict';
import type { WaitOptions } from './wait-options';

/** A file to wait for. */
export interface AwaitedFile {
  /** as the upload answered */
  readonly fileId: string;
  /** what was uploaded; a status that speaks of another file is held */
  readonly expected?: ExpectedFile | undefined;
}

/** How long and how often to look, over all files together. */
export interface WaitManyOptions extends Omit<WaitOptions, 'expected'> {
  /** requests per second for all files together, evenly spaced; default 10 */
  readonly perSecond?: number | undefined;
  /** requests under way at a time; default 8 */
  readonly parallel?: number | undefined;
}

/** What became of many files. Each id that was given is in exactly one of the two. */
export interface VerdictsResult {
  /** by file id; `pending` with reason `deadline-passed` where time was up */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** by file id: what kept a verdict from being asked for */
  readonly failed: ReadonlyMap<string, unknown>;
}

export interface WaitManyNeeds extends Omit<WaitNeeds, 'look'> {
  readonly status: (fileId: string, options: CallOptions) => Promise<FileStatus>;
}

/** See `Files.waitForVerdicts`. */
export async function waitForVerdicts(
  files: Iterable<string | AwaitedFile>,
  options: WaitManyOptions,
  needs: WaitManyNeeds,
): Promise<VerdictsResult> {
  const { perSecond = 10, parallel = 8, ...wait } = options;
  checkWaitOptions(wait, 'files.waitForVerdicts');
  if (!(perSecond > 0) || !(parallel >= 1)) {
    throw new InvalidRequestError({
      operation: 'files.waitForVerdicts',
      message: `perSecond is ${String(perSecond)}, parallel is ${String(parallel)}.`,
      hint: 'Pass numbers above 0, and at least 1 for parallel.',
    });
  }
  const awaited = new Map<string, ExpectedFile | undefined>();
  for (const file of files) {
    if (typeof file === 'string') awaited.set(file, undefined);
    else awaited.set(file.fileId, file.expected);
  }
  const pacer = createRequestPacer({ perSecond, parallel, now: needs.now, sleep: needs.sleep });
  const look: WaitNeeds['look'] = async (fileId, call, until) => {
    // One try: a repetition by the transport would be a request that nobody counted. The wait itself asks again.
    const turn = await pacer.run(() => needs.status(fileId, { ...call, maxAttempts: 1 }), until, wait.signal);
    return turn?.done;
  };
  const verdicts = new Map<string, Verdict>();
  const failed = new Map<string, unknown>();
  await Promise.all(
    [...awaited].map(async ([fileId, expected]) => {
      try {
        verdicts.set(fileId, await waitForVerdict(fileId, { ...wait, expected }, { ...needs, look }));
      } catch (error) {
        if (wait.signal?.aborted === true) throw error;
        failed.set(fileId, error);
      }
    }),
  );
  return { verdicts, failed };
}
