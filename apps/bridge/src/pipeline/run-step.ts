import type { Stage } from '../domain/message-event';
import type { DueWork } from '../ledger/ledger';
import { StaleChangeError } from '../ledger/ledger';
import type { ServiceName } from '../telemetry/activity';
import { publishStep } from '../telemetry/steps';
import { waitByAge, waitByTries } from './backoff';
import type { PipelineContext } from './context';
import type { Failure } from './failure';
import { classifyFailure } from './failure';
import type { Lane } from './lane';
import type { StageHandler, StageResult } from './stage';

/** How soon a step that lost a race for its message is done again. */
const collisionMs = 50;
/** How soon a step whose outcome the ledger did not take is done again. */
const unwrittenMs = 1_000;
/** How long work of a service that is down waits at most: it is brought forward when the service is back. */
const outageMs = 600_000;
/** A service that asks to be left alone for days is asked again in an hour: its answer may be a mistake. */
const longestRestMs = 3_600_000;
/** How often what came meanwhile is told why it waits. */
const explainMs = 5_000;
/** How soon it is there again for another bridge, which the service answers. */
const elsewhereMs = 1_000;

/**
 * `refused`: the service is down, and the step was not begun. `left-to-others`: the same, and it answers another bridge.
 */
export type StepEnd = 'done' | 'later' | 'failed' | 'refused' | 'left-to-others';

export interface RunStepOptions {
  readonly handlers: Readonly<Record<Stage, StageHandler>>;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
  readonly sleep: (ms: number) => Promise<void>;
  readonly isStopping: () => boolean;
}

/** Makes the function that does one claimed step, and sees to it that its row is gone or given back. Never rejects. */
export function createRunStep(
  context: PipelineContext,
  { handlers, signal, sleep, isStopping }: RunStepOptions,
): (work: DueWork) => Promise<StepEnd> {
  const { ledger, now, monotonic, random, log, activity, metrics, settings, breakers, membership } = context;

  /** Of each stage the last reason that was noted at all that waits for it, and when, on the monotonic clock. */
  const explained = new Map<Stage, readonly [string, number]>();

  async function runStep(work: DueWork): Promise<StepEnd> {
    const began = performance.now();
    publishStep({ stage: work.kind, point: 'claimed', subject: work.subject });
    let end: StepEnd;
    try {
      end = await attempt(handlers[work.kind], work);
    } catch (error) {
      // The outcome could not be written: the row stands as it was, and the step is done again.
      log.error({ err: error, stage: work.kind, messageId: work.messageId }, 'a step could not be concluded');
      await giveBack(work, {
        delayMs: unwrittenMs,
        why: 'the ledger did not take the outcome',
        failed: false,
      });
      end = 'failed';
    }
    if (end !== 'refused' && end !== 'left-to-others')
      metrics.step(work.kind, end, performance.now() - began);
    publishStep({ stage: work.kind, point: 'ended', subject: work.subject });
    return end;
  }

  async function attempt(handler: StageHandler, work: DueWork): Promise<StepEnd> {
    const leftMs = leftOf(handler, work);
    if (leftMs < 0) {
      await handler.giveUp(work, { text: work.why ?? '', unreadable: false, overdue: true, damaged: false });
      return 'failed';
    }
    let service: ServiceName | null = null;
    let lane: Lane = work.kind;
    try {
      service = handler.serviceOf === undefined ? handler.service : await handler.serviceOf(work);
      lane = (await handler.laneOf?.(work)) ?? lane;
      const admission = service === null ? null : breakers[service].admit(lane);
      if (admission?.admitted === false) {
        // Given up in time, also where the service stays away.
        const isTheirs = membership?.othersGoOn(admission.why) === true;
        const patienceMs = isTheirs ? elsewhereMs : outageMs;
        const delayMs = Math.min(leftMs + 1, patienceMs * (0.5 + random() / 2));
        await giveBack(work, { delayMs, why: admission.why, failed: false });
        if (!isTheirs) await explain(work, admission.why);
        return isTheirs ? 'left-to-others' : 'refused';
      }
      const result = await handler.run(work, signal);
      if (service !== null) note(service, lane, result);
      if (result.type === 'later') return await postpone(handler, work, result);
      return 'done';
    } catch (error) {
      return await fail(handler, work, { error, service, lane });
    }
  }

  /** What stands behind it in the row would carry no reason until its turn comes, which may be minutes among thousands. */
  async function explain(work: DueWork, why: string): Promise<void> {
    const [last, at] = explained.get(work.kind) ?? ['', -Infinity];
    if (last === why && monotonic() < at + explainMs) return;
    explained.set(work.kind, [why, monotonic()]);
    await ledger.due.explain({ work, why, at: now() }).catch((error: unknown) => {
      log.debug({ err: error }, 'why work waits was not noted at what stands behind it');
    });
  }

  /** ms until it is overdue, and to be given up. */
  const leftOf = ({ deadlineMs }: StageHandler, { since }: DueWork): number =>
    deadlineMs === null ? Infinity : since + deadlineMs - now();

  /** What a step that ended by itself tells about the service. That it answers is told by its answers: not every step asks. */
  function note(service: ServiceName, lane: Lane, result: StageResult): void {
    const { cause, unasked } = result.type === 'later' ? result : {};
    if (cause !== undefined) noteFailure(service, lane, classifyFailure(cause));
    else if (unasked === true) breakers[service].showedNothing(lane);
    else breakers[service].ended(lane);
  }

  function noteFailure(service: ServiceName, lane: Lane, failure: Failure): void {
    const { unreachable, why, operation } = failure;
    if (unreachable) activity.serviceDown(service, why);
    if (failure.service === 'away') breakers[service].failed(lane, { why, operation });
    // What it answered instead was told when it came. A refusal by our fault, or the ledger's, is no sound step.
    else breakers[service].showedNothing(lane);
  }

  async function postpone(
    handler: StageHandler,
    work: DueWork,
    result: Extract<StageResult, { type: 'later' }>,
  ): Promise<StepEnd> {
    if (result.failed && work.attempts + 1 >= handler.tries) {
      await handler.giveUp(work, { text: result.why, unreadable: false, overdue: false, damaged: false });
      return 'failed';
    }
    await giveBack(work, result);
    return 'later';
  }

  async function fail(
    handler: StageHandler,
    work: DueWork,
    { error, service, lane }: { error: unknown; service: ServiceName | null; lane: Lane },
  ): Promise<StepEnd> {
    const isOurs = signal.aborted || error instanceof StaleChangeError;
    if (service !== null && isOurs) breakers[service].showedNothing(lane);
    if (signal.aborted) {
      await giveBack(work, { delayMs: 0, why: 'the bridge was stopped', failed: false });
      return 'later';
    }
    if (error instanceof StaleChangeError) {
      await giveBack(work, { delayMs: collisionMs, why: 'the message moved on meanwhile', failed: false });
      return 'later';
    }
    const failure = classifyFailure(error);
    const { kind, why, retryAfterMs, unreadable } = failure;
    metrics.retry(work.kind);
    if (service !== null) noteFailure(service, lane, failure);
    log.warn(
      { stage: work.kind, messageId: work.messageId, subject: work.subject, why, attempts: work.attempts },
      'step-failed',
    );
    const spent = kind === 'counted' && work.attempts + 1 >= handler.tries;
    if (kind === 'damaged' || spent) {
      await handler.giveUp(work, { text: why, unreadable, overdue: false, damaged: kind === 'damaged' });
      return 'failed';
    }
    const { baseMs, maxMs } = settings.retry;
    const delayMs =
      retryAfterMs ??
      (kind === 'counted'
        ? waitByTries(work.attempts, settings.retry, random())
        : waitByAge(now() - work.since, { firstMs: baseMs, maxMs }, random()));
    const mostMs = Math.min(longestRestMs, leftOf(handler, work) + 1);
    await giveBack(work, { delayMs: Math.min(delayMs, mostMs), why, failed: kind === 'counted' });
    return 'later';
  }

  /**
   * The claim may have been overtaken meanwhile (the work was asked for again): then it is simply done again. While the
   * ledger takes nothing it is tried on: the lease of a row that nobody gives back outlasts the day.
   */
  async function giveBack(
    work: DueWork,
    { delayMs, why, failed }: { delayMs: number; why: string; failed: boolean },
  ): Promise<void> {
    for (let told = false; ; told = true) {
      try {
        await ledger.due.postpone(work, { dueAt: now() + delayMs, why, failed });
        return;
      } catch (error) {
        if (error instanceof StaleChangeError) return;
        if (!told)
          log.error({ err: error, stage: work.kind }, 'work could not be given back; it is tried on');
        // All leases are void at the next start.
        if (isStopping()) return;
        await sleep(unwrittenMs);
      }
    }
  }

  return runStep;
}
