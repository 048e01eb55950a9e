import { setTimeout as sleep } from 'node:timers/promises';
import type { Stage } from '../../domain/message-event';
import { stages } from '../../domain/message-event';
import type { DueWork } from '../../ledger/ledger';
import type { Membership } from '../../ledger/membership';
import { sampleMessage, taking } from '../../ledger/test/sample-message';
import type { TemporaryLedger } from '../../ledger/test/temporary-ledger';
import { openTemporaryLedger } from '../../ledger/test/temporary-ledger';
import type { Activity, ServiceName } from '../../telemetry/activity';
import { createActivity } from '../../telemetry/activity';
import { createLogger } from '../../telemetry/log';
import type { Breaker } from '../breaker';
import { createBreaker } from '../breaker';
import type { PipelineContext } from '../context';
import type { Runner } from '../runner';
import { createRunner } from '../runner';
import type { StageHandler } from '../stage';

export type GivenUp = Parameters<StageHandler['giveUp']>[1];

export interface StartOptions {
  readonly limit?: number;
  readonly bound?: number;
  readonly ledger?: Partial<PipelineContext['ledger']>;
  readonly membership?: Membership;
}

/** A real ledger with a runner on it whose scans a test writes; its clocks stand still until they are moved. */
export interface RunnerFixture {
  readonly temporary: TemporaryLedger;
  readonly activity: Activity;
  readonly breakers: Record<ServiceName, Breaker>;
  readonly runner: Runner;
  /** One message in custody: work of `acknowledge`, and of `scan` for each attachment. */
  take(attachments?: number): Promise<void>;
  start(scan: Partial<StageHandler>, options?: StartOptions): void;
  /** The scan rows, as they stand now. */
  scans(): Promise<readonly DueWork[]>;
  until(probe: () => boolean | Promise<boolean>): Promise<void>;
  /** So many scan steps have ended since the start, and their rows are gone or given back. */
  afterSteps(count: number): Promise<void>;
  /** Moves the clocks and lets the runner look. */
  goOn(ms: number): void;
  monotonic(): number;
  close(): Promise<void>;
}

export interface FixtureOptions {
  /** Failures in a row after which the scanner is left alone. */
  readonly failures?: number;
}

export async function openRunner({ failures = 1_000 }: FixtureOptions = {}): Promise<RunnerFixture> {
  const temporary = await openTemporaryLedger();
  const { clock } = temporary;
  const activity = createActivity({ now: () => clock.now });
  activity.serviceUp('scanner');
  activity.serviceUp('gateway');
  let monotonic = 0;
  let ended = 0;
  let runner: Runner | undefined;
  const open = (service: ServiceName): Breaker =>
    createBreaker({
      service,
      now: () => clock.now,
      monotonic: () => monotonic,
      random: () => 1,
      settings: { failures, firstMs: 5_000, maxMs: 60_000, trialMs: 60_000 },
    });
  const breakers = { gateway: open('gateway'), scanner: open('scanner') };

  async function until(probe: () => boolean | Promise<boolean>): Promise<void> {
    for (let turn = 0; !(await probe()); turn += 1) {
      if (turn > 4_000) throw new Error('waited in vain');
      await sleep(5);
    }
  }

  return {
    temporary,
    activity,
    breakers,
    get runner() {
      if (runner === undefined) throw new Error('not started');
      return runner;
    },
    async take(attachments = 1) {
      await temporary.ledger.commit(taking(sampleMessage('m', { attachments })));
    },
    start(scan, { limit = 4, bound = 100, ledger: changed, membership } = {}) {
      const ledger = { ...temporary.ledger, ...changed };
      const unwanted: StageHandler = {
        run: (work) => ledger.due.finish(work).then(() => ({ type: 'done' })),
        giveUp: () => Promise.reject(new Error('not to be given up')),
        deadlineMs: null,
        tries: 3,
        service: null,
      };
      const context = {
        ledger,
        membership,
        activity,
        breakers,
        now: () => clock.now,
        monotonic: () => monotonic,
        random: () => 0.5,
        log: createLogger({ level: 'error', destination: { write: () => undefined } }),
        metrics: {
          transition: ignore,
          bytes: ignore,
          retry: ignore,
          step: (stage: Stage) => void (ended += stage === 'scan' ? 1 : 0),
        },
        settings: { retry: { baseMs: 100, maxMs: 10_000, tries: 3 } },
      } as unknown as PipelineContext;
      const each = <Value>(value: Value): Record<Stage, Value> =>
        Object.fromEntries(stages.map((stage) => [stage, value])) as Record<Stage, Value>;
      runner = createRunner(context, {
        stages: { ...each(unwanted), scan: { ...unwanted, service: 'scanner', ...scan } },
        limits: each(limit),
        bounds: { gateway: bound, scanner: bound },
      });
      runner.start();
    },
    async scans() {
      const summary = await temporary.ledger.messages.list({ limit: 1 });
      return (summary.items[0]?.waiting ?? []).filter(({ kind }) => kind === 'scan');
    },
    until,
    afterSteps: (count) => until(() => ended >= count),
    goOn(ms) {
      clock.now += ms;
      monotonic += ms;
      runner?.wake();
    },
    monotonic: () => monotonic,
    async close() {
      await runner?.stop(0);
      await temporary.close();
    },
  };
}

const ignore = (): void => undefined;
