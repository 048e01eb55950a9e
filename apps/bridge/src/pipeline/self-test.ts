import type { MetaDefenderClient, Verdict } from '@mft-bridge/metadefender-mft-client';
import { isNotFoundError } from '@mft-bridge/http-transport';
import type { SelfTestRecord } from '../domain/doubtful-times';
import { afterSelfTest, isDoubtful, noSelfTests } from '../domain/doubtful-times';
import type { SelfTestAnswer, SelfTestResult } from '../domain/self-test';
import { judgeSelfTest } from '../domain/self-test';
import type { PipelineContext } from './context';
import { classifyFailure } from './failure';

/** After a test that came to no result, and after one that failed: what is mended shows soon. */
const retryMs = 30_000;
/** From one look at what another bridge found to the next. */
const lookMs = 2_000;
/** The scanner takes the files by itself if a crash kept us from deleting them; one hour is the least that it takes. */
const expiresAfterMs = 3_600_000;

export interface SelfTestOptions {
  readonly enabled: boolean;
  readonly intervalMs: number;
  /** For one file to be scanned. */
  readonly deadlineMs: number;
  /** Until the first look at its verdict. */
  readonly firstPollMs: number;
}

export interface SelfTest {
  start(): void;
  /** Why nothing may be forwarded now; null where the scanner has shown that it does its work. */
  refusal(): string | null;
  /** Whether the scanner failed a self-test around a scan that lasted from `from` to `to`, epoch ms. */
  isDoubtful(from: number, to: number): boolean;
  stop(): Promise<void>;
}

type SelfTestContext = Pick<
  PipelineContext,
  'scanner' | 'activity' | 'log' | 'now' | 'newId' | 'wake' | 'membership' | 'patience'
> & {
  readonly ledger: { readonly settings: Pick<PipelineContext['ledger']['settings'], 'get' | 'set'> };
};

/** Under this key the ledger keeps the record, so that a restart forgets no failure, and that other bridges know of it. */
const settingKey = 'self-test';

interface Finding {
  readonly result: SelfTestResult;
  /** Epoch ms. */
  readonly at: number;
}

type Noted = SelfTestRecord & { readonly last?: Finding };

/**
 * Lets the scanner prove, with the very key that scans, that it clears what is harmless and blocks what is not. Until it
 * has, and once it has not, nothing is forwarded. A scanner that cannot be reached proves nothing either way: the last
 * result then counts for two intervals.
 */
export function createSelfTest(
  context: SelfTestContext,
  { enabled, intervalMs, deadlineMs, firstPollMs }: SelfTestOptions,
): SelfTest {
  const { activity, log, now, wake } = context;
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let last: Finding | undefined;
  let record: Noted | undefined;
  let problem = 'it has not run since the start';

  async function round(): Promise<void> {
    let again: number;
    try {
      // Of several bridges one asks the scanner, and the others go by what it found.
      again = context.membership?.holds('self-test') === false ? await follow() : await test();
    } catch (error) {
      if (abort.signal.aborted) return;
      const { why } = classifyFailure(error);
      problem = `it could not be made: ${why}`;
      context.patience?.failed('self-test', why);
      log.warn({ why: problem }, 'self-test');
      again = Math.min(intervalMs, retryMs);
    }
    show();
    if (abort.signal.aborted) return;
    timer = setTimeout(() => {
      running = round();
    }, again);
  }

  async function test(): Promise<number> {
    record = await readRecord(context);
    const result = await runSelfTest(context, { deadlineMs, firstPollMs, signal: abort.signal });
    context.patience?.worked('self-test');
    // Once more: the role may have gone to another bridge meanwhile.
    record = await readRecord(context);
    const found = { result, at: now() };
    record = { ...afterSelfTest(record, result.passed, found.at), last: found };
    // Before it counts: a crash must not make a failure undone.
    await context.ledger.settings.set(settingKey, JSON.stringify(record));
    note(found);
    return result.passed ? intervalMs : Math.min(intervalMs, retryMs);
  }

  async function follow(): Promise<number> {
    record = await readRecord(context);
    if (record.last !== undefined && record.last.at !== last?.at) note(record.last);
    return Math.min(intervalMs, lookMs);
  }

  function note(found: Finding): void {
    const passedBefore = last?.result.passed ?? false;
    const { result } = found;
    last = found;
    if (result.passed) {
      if (!passedBefore)
        log.info('self-test passed: a harmless file cleared, the EICAR test file was blocked');
      // Deliveries that waited for it need not wait on.
      wake();
      return;
    }
    problem = result.why;
    log.error({ why: result.why }, 'self-test FAILED: nothing is forwarded');
  }

  function refusal(): string | null {
    if (!enabled) return null;
    if (last === undefined) return `the self-test of the scanner has not passed yet (${problem})`;
    if (!last.result.passed) return `the self-test of the scanner failed: ${last.result.why}`;
    const age = now() - last.at;
    return age > 2 * intervalMs + deadlineMs
      ? `the self-test of the scanner passed ${String(Math.round(age / 60_000))} minutes ago, and not since (${problem})`
      : null;
  }

  function show(): void {
    activity.impair('self-test', refusal());
  }

  return {
    start() {
      if (!enabled) {
        log.warn(
          'scanner.selfTest.enabled is false: a scanner that clears everything would not be noticed; nothing but its word decides',
        );
        return;
      }
      show();
      running = round();
    },
    refusal,
    isDoubtful: (from, to) => enabled && isDoubtful(record ?? noSelfTests, from, to),
    async stop() {
      abort.abort(new Error('the bridge was stopped'));
      clearTimeout(timer);
      await running;
    },
  };
}

/** What is unreadable doubts everything before now. */
async function readRecord({ ledger }: Pick<SelfTestContext, 'ledger'>): Promise<Noted> {
  const text = await ledger.settings.get(settingKey);
  if (text === undefined) return noSelfTests;
  try {
    return JSON.parse(text) as Noted;
  } catch {
    return { lastPassAt: null, doubtful: [{ from: 0, to: null }] };
  }
}

export interface RunOptions extends Pick<SelfTestOptions, 'deadlineMs' | 'firstPollMs'> {
  readonly signal: AbortSignal;
}

/**
 * One self-test: both files are uploaded, waited for and deleted.
 * @throws the scanner client's errors, where the scanner could not be asked
 */
export async function runSelfTest(
  { scanner, now, newId, log }: Pick<SelfTestContext, 'scanner' | 'now' | 'newId' | 'log'>,
  options: RunOptions,
): Promise<SelfTestResult> {
  const name = `self-test-${newId()}`;
  const harmless = `mft-bridge self-test ${new Date(now()).toISOString()}\n`;
  const ask = (fileName: string, content: string): Promise<SelfTestAnswer> =>
    scan(scanner, Buffer.from(content, 'latin1'), { ...options, fileName, log });
  // One after the other: two files at once would take two of the scanner's places from the messages.
  const eicarAnswer = await ask(`${name}-eicar.txt`, eicar());
  return judgeSelfTest(await ask(`${name}.txt`, harmless), eicarAnswer);
}

async function scan(
  scanner: MetaDefenderClient,
  content: Buffer,
  options: RunOptions & { fileName: string; log: SelfTestContext['log'] },
): Promise<SelfTestAnswer> {
  const { fileName, deadlineMs, firstPollMs, signal, log } = options;
  const { fileId } = await scanner.uploads.uploadFile(content, { fileName, expiresAfterMs, signal });
  try {
    const verdict = await scanner.files.waitForVerdict(fileId, {
      timeoutMs: deadlineMs,
      minIntervalMs: firstPollMs,
      signal,
    });
    return toAnswer(verdict);
  } finally {
    await scanner.files.delete(fileId).catch((error: unknown) => {
      // It expires there by itself.
      if (!isNotFoundError(error))
        log.debug({ why: classifyFailure(error).why }, 'a file of the self-test was not deleted');
    });
  }
}

function toAnswer({ status, reasons }: Verdict): SelfTestAnswer {
  return {
    status,
    details: reasons.map(({ text }) => text),
    gone: reasons.some(({ code }) => code === 'gone-after-upload' || code === 'deleted'),
  };
}

/** The EICAR test file: harmless, and known to every engine. In pieces, so that no virus scanner takes this program away. */
function eicar(): string {
  const parts = ['X5O!P%@AP[4', 'PZX54(P^)7CC)7}$', 'EICAR', 'STANDARD', 'ANTIVIRUS', 'TEST', 'FILE!$H+H*'];
  const [start = '', middle = '', ...words] = parts;
  return `${start}\\${middle}${words.join('-')}`;
}
