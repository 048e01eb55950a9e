import type { Stage } from '../domain/message-event';
import { stages } from '../domain/message-event';
import type { DueWork } from '../ledger/ledger';
import type { ServiceName } from '../telemetry/activity';
import { outagePrefix } from './breaker';
import type { PipelineContext } from './context';
import { classifyFailure } from './failure';
import { createRunStep } from './run-step';
import type { StageHandler } from './stage';
import { stageRoom } from './stage-room';
import { createStepWatch } from './step-watch';

/**
 * One process writes an embedded ledger and voids all leases when it starts, so a lease need not end while its
 * holder lives: it must only outlast the longest step.
 */
const leaseMs = 24 * 3_600_000;
/** How long at most the runner sleeps although it knows of nothing due. */
const idleMs = 1_000;
/**
 * How long it sleeps at first where something is due of which it claimed nothing: it came meanwhile, or there is no room. It
 * doubles while that lasts: the end of each step wakes it.
 */
const crowdedMs = 20;
/** How long a stage rests after its service was found down: thousands of rows that wait are gone through at leisure. */
const restMs = 100;
/** The same, where the service answers other bridges: what is waiting is theirs meanwhile. */
const restForOthersMs = 2_000;

/** How often steps that hang are looked for. */
const lookMs = 30_000;

/** A clock that is only kept right moves by less. */
const clockToleranceMs = 5_000;

const services = ['gateway', 'scanner'] as const satisfies readonly ServiceName[];

export interface RunnerOptions {
  readonly stages: Readonly<Record<Stage, StageHandler>>;
  /** How many steps of a stage run at a time. */
  readonly limits: Readonly<Record<Stage, number>>;
  /** How many steps of all stages of a service run at a time, at all bridges together. */
  readonly bounds: Readonly<Record<ServiceName, number>>;
}

export interface Runner {
  start(): void;
  /** New work may be due. */
  wake(): void;
  /** Claims nothing more, lets running steps end within `graceMs`, then aborts them and gives their work back. */
  stop(graceMs: number): Promise<void>;
}

/** Takes due rows and has their stage do the work. */
export function createRunner(
  context: PipelineContext,
  { stages: handlers, limits, bounds }: RunnerOptions,
): Runner {
  const { ledger, now, monotonic, log, activity, breakers, membership, settings } = context;
  const running = new Map<string, Promise<void>>();
  /** Claimed once more while its step runs here: a clock that is set forward by more than a lease voids it. */
  const claimedAgain = new Map<string, DueWork>();
  const busy = new Map<Stage, number>(stages.map((stage) => [stage, 0]));
  /** Until when a stage claims nothing, by the monotonic clock. */
  const resting = new Map<Stage, number>();
  /** Reasons for which work waits that are to be looked at: at the start those of outages before it. */
  const toHasten = new Set<string>(services.map((service) => outagePrefix(service)));
  const lastTrial = new Map<string, number>();
  const abort = new AbortController();
  let stopping = false;
  let awake: (() => void) | null = null;
  let woken = false;
  let loop: Promise<void> = Promise.resolve();
  const watch = createStepWatch({ monotonic, activity });
  let nextLook = monotonic() + lookMs;
  /** Looks in a row at which something was due and nothing was claimed. */
  let crowdedFor = 0;
  /** On the monotonic clock. */
  let nextHint = -Infinity;
  let clocksApart = now() - monotonic();
  const runStep = createRunStep(context, {
    handlers,
    signal: abort.signal,
    sleep: (ms) => sleep(ms, abort.signal),
    isStopping: () => stopping,
  });

  function wake(): void {
    woken = true;
    awake?.();
  }

  async function main(): Promise<void> {
    while (!stopping) {
      woken = false;
      try {
        lookForStalled();
        await lookAtClock();
        await tendOutages();
        const claimed = await claim();
        activity.impair('ledger', null);
        for (const work of claimed) launch(work);
        if (claimed.length > 0) crowdedFor = 0;
        if (claimed.length === 0) await sleepUntilDue();
      } catch (error) {
        activity.impair('ledger', classifyFailure(error).why);
        log.error({ err: error }, 'the ledger does not answer; the runner waits');
        await pause(idleMs);
      }
    }
  }

  function lookForStalled(): void {
    if (monotonic() < nextLook) return;
    nextLook = monotonic() + lookMs;
    for (const step of watch.look())
      log.error(step, 'a step hangs: it neither ends nor moves a byte, which is a fault of the bridge');
  }

  /** Times in the ledger are those of the wall clock: set back by hours, all that waits would wait for hours more. */
  async function lookAtClock(): Promise<void> {
    const apart = now() - monotonic();
    const backMs = clocksApart - apart;
    if (backMs > clockToleranceMs) {
      log.warn({ backMs: Math.round(backMs) }, 'the clock was set back: all that waits is looked at now');
      // Another bridge may be sending by a clock that was right: it may until its time for that is over.
      await ledger.due.clockSetBack(now(), membership && now() + settings.delivery.sendWithinMs);
    }
    if (Math.abs(backMs) > clockToleranceMs) clocksApart = apart;
  }

  /** Brings one waiting row forward where a service may be tried again, and all of them once it is back. */
  async function tendOutages(): Promise<void> {
    for (const service of services) {
      const kinds = stages.filter((stage) => handlers[stage].service === service);
      for (const { prefix, isOpen, wantsTrial } of breakers[service].outages()) {
        const tried = lastTrial.get(prefix) ?? -Infinity;
        const isTrial = wantsTrial && monotonic() >= tried + idleMs;
        if (isTrial) lastTrial.set(prefix, monotonic());
        if (isTrial || (!isOpen && toHasten.has(prefix)))
          await ledger.due.hasten({ kinds, why: prefix, at: now(), ...(isOpen ? { limit: 1 } : {}) });
        if (isOpen) toHasten.add(prefix);
        else toHasten.delete(prefix);
      }
    }
  }

  /**
   * Claims as much as there is room for. Where stages share what a service may do, places that one of them had no work
   * for are offered to the others.
   */
  async function claim(): Promise<readonly DueWork[]> {
    const sated = new Set<Stage>();
    for (;;) {
      const loads = stages.map((stage) => {
        const mayClaim = !sated.has(stage) && (resting.get(stage) ?? 0) <= monotonic();
        const { service } = handlers[stage];
        const count = busy.get(stage) ?? 0;
        return { stage, service, limit: mayClaim ? limits[stage] : count, busy: count };
      });
      const room = stageRoom(loads, sharedBounds());
      if (room.size === 0) return [];
      const claimed = await ledger.due.claim({ limits: Object.fromEntries(room), now: now(), leaseMs });
      const wasSqueezed = loads.some(({ stage, limit, busy: at }) => (room.get(stage) ?? 0) < limit - at);
      if (claimed.length > 0 || !wasSqueezed) return claimed;
      for (const stage of room.keys()) sated.add(stage);
    }
  }

  /** This bridge's part of the places that a service has; one at least, so that each of them does something. */
  function sharedBounds(): Readonly<Record<ServiceName, number>> {
    const share = membership?.share() ?? 1;
    const part = (places: number): number => (share === 0 ? 0 : Math.max(1, Math.floor(places * share)));
    return { gateway: part(bounds.gateway), scanner: part(bounds.scanner) };
  }

  function launch(work: DueWork): void {
    if (running.has(work.id)) {
      claimedAgain.set(work.id, work);
      return;
    }
    busy.set(work.kind, (busy.get(work.kind) ?? 0) + 1);
    const ended = watch.begin(work);
    const step = runStep(work).then((end) => {
      ended();
      busy.set(work.kind, (busy.get(work.kind) ?? 1) - 1);
      if (end === 'refused') resting.set(work.kind, monotonic() + restMs);
      if (end === 'left-to-others') resting.set(work.kind, monotonic() + restForOthersMs);
      running.delete(work.id);
      const again = claimedAgain.get(work.id);
      claimedAgain.delete(work.id);
      // What the first one came to was refused. It is done once more, as after a crash, and never beside the first.
      if (again !== undefined && !stopping) launch(again);
      wake();
    });
    running.set(work.id, step);
  }

  async function sleepUntilDue(): Promise<void> {
    const next = await ledger.due.nextAt();
    const isCrowded = next !== undefined && next <= now();
    if (!isCrowded) {
      crowdedFor = 0;
      await pause(next === undefined ? idleMs : Math.min(idleMs, Math.max(next - now(), crowdedMs)));
      return;
    }
    // More is due than there is room for here. Said once in a while: who is hinted at looks, and may have no room either.
    if (monotonic() >= nextHint) {
      nextHint = monotonic() + idleMs;
      membership?.hintOthers('work');
    }
    const patienceMs = Math.min(idleMs, crowdedMs * 2 ** crowdedFor);
    crowdedFor += 1;
    const rests = [...resting.values()].map((until) => until - monotonic()).filter((ms) => ms > 0);
    await pause(Math.min(patienceMs, ...rests));
  }

  /** Sleeps, but for no longer than until it is woken. */
  async function pause(ms: number): Promise<void> {
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

/** Until the time is over, or the signal is aborted. */
async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });
}
