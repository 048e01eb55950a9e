import type { Stage } from '../domain/message-event';
import { stages } from '../domain/message-event';
import type { DueWork } from '../ledger/ledger';
import { StaleChangeError } from '../ledger/ledger';
import { publishStep } from '../telemetry/steps';
import { waitByAge, waitByTries } from './backoff';
import type { PipelineContext } from './context';
import { classifyFailure } from './failure';
import type { StageHandler, StageResult } from './stage';

/**
 * One process writes an embedded ledger and voids all leases when it starts, so a lease need not end while its
 * holder lives: it must only outlast the longest step.
 */
const leaseMs = 24 * 3_600_000;
/** How long at most the runner sleeps although it knows of nothing due. */
const idleMs = 1_000;
/** How soon a step that lost a race for its message is done again. */
const collisionMs = 50;

export interface RunnerOptions {
  readonly stages: Readonly<Record<Stage, StageHandler>>;
  /** How many steps of a stage run at a time. */
  readonly limits: Readonly<Record<Stage, number>>;
}

export interface Runner {
  start(): void;
  /** New work may be due. */
  wake(): void;
  /** Claims nothing more, lets running steps end within `graceMs`, then aborts them and gives their work back. */
  stop(graceMs: number): Promise<void>;
}

/** Takes due rows and has their stage do the work. */
export function createRunner(context: PipelineContext, { stages: handlers, limits }: RunnerOptions): Runner {
  const { ledger, now, random, log, activity, metrics, settings } = context;
  const running = new Map<string, Promise<void>>();
  const busy = new Map<Stage, number>(stages.map((stage) => [stage, 0]));
  const abort = new AbortController();
  let stopping = false;
  let awake: (() => void) | null = null;
  let woken = false;
  let loop: Promise<void> = Promise.resolve();

  function wake(): void {
    woken = true;
    awake?.();
  }

  async function main(): Promise<void> {
    while (!stopping) {
      woken = false;
      try {
        const claimed = await claim();
        activity.impair('ledger', null);
        for (const work of claimed) launch(work);
        if (claimed.length === 0) await sleepUntilDue();
      } catch (error) {
        activity.impair('ledger', classifyFailure(error).why);
        log.error({ err: error }, 'the ledger does not answer; the runner waits');
        await sleep(idleMs);
      }
    }
  }

  async function claim(): Promise<readonly DueWork[]> {
    const free = stages.flatMap((stage) => {
      const room = limits[stage] - (busy.get(stage) ?? 0);
      return room > 0 ? [[stage, room] as const] : [];
    });
    if (free.length === 0) return [];
    return ledger.due.claim({ limits: Object.fromEntries(free), now: now(), leaseMs });
  }

  function launch(work: DueWork): void {
    busy.set(work.kind, (busy.get(work.kind) ?? 0) + 1);
    const step = runStep(work).finally(() => {
      busy.set(work.kind, (busy.get(work.kind) ?? 1) - 1);
      running.delete(work.id);
      wake();
    });
    running.set(work.id, step);
  }

  async function runStep(work: DueWork): Promise<void> {
    const handler = handlers[work.kind];
    const began = performance.now();
    publishStep({ stage: work.kind, point: 'claimed', subject: work.subject });
    try {
      const result = await attempt(handler, work);
      metrics.step(work.kind, result, performance.now() - began);
    } catch (error) {
      // The outcome could not be written: the row stands as it was, and the step is done again.
      log.error({ err: error, stage: work.kind, messageId: work.messageId }, 'a step could not be concluded');
      metrics.step(work.kind, 'failed', performance.now() - began);
      await giveBack(work, { delayMs: idleMs, why: 'the ledger did not take the outcome', failed: false });
    }
    publishStep({ stage: work.kind, point: 'ended', subject: work.subject });
  }

  async function attempt(handler: StageHandler, work: DueWork): Promise<'done' | 'later' | 'failed'> {
    const overdue = handler.deadlineMs !== null && now() > work.since + handler.deadlineMs;
    if (overdue) {
      await handler.giveUp(work, { text: work.why ?? '', unreadable: false, overdue: true, damaged: false });
      return 'failed';
    }
    try {
      const result = await handler.run(work, abort.signal);
      if (handler.service !== null) activity.serviceUp(handler.service);
      if (result.type === 'later') return await postpone(handler, work, result);
      return 'done';
    } catch (error) {
      return await fail(handler, work, error);
    }
  }

  async function postpone(
    handler: StageHandler,
    work: DueWork,
    result: Extract<StageResult, { type: 'later' }>,
  ): Promise<'later' | 'failed'> {
    if (result.failed && work.attempts + 1 >= handler.tries) {
      await handler.giveUp(work, { text: result.why, unreadable: false, overdue: false, damaged: false });
      return 'failed';
    }
    await giveBack(work, result);
    return 'later';
  }

  async function fail(handler: StageHandler, work: DueWork, error: unknown): Promise<'later' | 'failed'> {
    if (abort.signal.aborted) {
      await giveBack(work, { delayMs: 0, why: 'the bridge was stopped', failed: false });
      return 'later';
    }
    if (error instanceof StaleChangeError) {
      await giveBack(work, { delayMs: collisionMs, why: 'the message moved on meanwhile', failed: false });
      return 'later';
    }
    const { kind, why, retryAfterMs, unreachable, unreadable } = classifyFailure(error);
    metrics.retry(work.kind);
    if (unreachable && handler.service !== null) activity.serviceDown(handler.service, why);
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
    await giveBack(work, { delayMs, why, failed: kind === 'counted' });
    return 'later';
  }

  /** The claim may have been overtaken meanwhile (the work was asked for again): then it is simply done again. */
  async function giveBack(
    work: DueWork,
    { delayMs, why, failed }: { delayMs: number; why: string; failed: boolean },
  ): Promise<void> {
    try {
      await ledger.due.postpone(work, { dueAt: now() + delayMs, why, failed });
    } catch (error) {
      if (!(error instanceof StaleChangeError))
        log.error({ err: error, stage: work.kind }, 'work could not be given back');
    }
  }

  async function sleepUntilDue(): Promise<void> {
    const next = await ledger.due.nextAt();
    const pause = next === undefined ? idleMs : Math.min(idleMs, Math.max(next - now(), 5));
    await sleep(pause);
  }

  async function sleep(ms: number): Promise<void> {
    if (woken || stopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      awake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    awake = null;
  }

  return {
    start() {
      loop = main();
    },
    wake,
    async stop(graceMs) {
      stopping = true;
      wake();
      await loop;
      const timer = setTimeout(() => abort.abort(new Error('the bridge was stopped')), graceMs);
      await Promise.allSettled(running.values());
      clearTimeout(timer);
    },
  };
}
