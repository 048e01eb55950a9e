import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Message } from '../domain/message';
import type { Place } from '../domain/obligation';
import type { Activity, Transfer } from './activity';

/** Where the figures that are in the ledger are asked for, at the time of a scrape. */
export interface MetricSources {
  messagesByState(): Promise<Readonly<Record<string, number>>>;
  dueByKind(): Promise<Readonly<Partial<Record<string, number>>>>;
  /** Messages that could not be taken so far. */
  intakeFailures(): Promise<number>;
}

export interface MetricsOptions {
  readonly version: string;
  readonly sources: MetricSources;
  readonly activity: Pick<Activity, 'snapshot' | 'readiness'>;
}

/** The figures of this process and of the ledger, in the format of Prometheus. */
export interface Metrics {
  /** Counts what a commit changed: a new message, a resend, obligations that reached a place. Pass `null` for a new message. */
  transition(before: Message | null, after: Message): void;
  /** One step of a stage ended. `durationMs` is its own time, without the time that it waited for its turn. */
  step(stage: string, outcome: 'done' | 'later' | 'failed', durationMs: number): void;
  /** Bytes that were moved by a transfer. */
  bytes(stage: Transfer['stage'], count: number): void;
  /** Work was postponed after a failed try. */
  retry(stage: string): void;
  readonly contentType: string;
  /** The text of a scrape. */
  scrape(): Promise<string>;
}

const places = [
  'delivered',
  'quarantined',
  'held',
  'dead-letter',
  'observed',
] as const satisfies readonly Place[];
/** From a ledger write to a large file through a slow scanner, in seconds. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

/**
 * Makes the metrics with a registry of their own, so that two bridges in one process (as in tests) do not meet.
 *
 * @example
 * const metrics = createMetrics({ version, sources, activity });
 * metrics.transition(null, message);
 * await metrics.scrape();
 */
export function createMetrics({ version, sources, activity }: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const counter = (name: string, help: string, labelNames: string[] = []): Counter =>
    new Counter({ name: `mft_bridge_${name}`, help, labelNames, registers });
  const gauge = (
    name: string,
    help: string,
    labelNames: string[],
    collect: (self: Gauge) => void | Promise<void>,
  ): void => {
    new Gauge({
      name: `mft_bridge_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        return collect(this);
      },
    });
  };

  const taken = counter('messages_taken_total', 'Messages taken into custody since the start.', ['station']);
  const resends = counter(
    'message_resends_total',
    'Copies of a message in custody that the partner sent again.',
  );
  const reached = counter('obligations_total', 'Obligations that reached a place since the start.', [
    'place',
  ]);
  const moved = counter('transfer_bytes_total', 'Bytes moved by a stage.', ['stage']);
  const retries = counter('retries_total', 'Steps that failed and will be tried again.', ['stage']);
  const durations = new Histogram({
    name: 'mft_bridge_stage_duration_seconds',
    help: 'Time that one step of a stage took.',
    labelNames: ['stage', 'outcome'],
    buckets,
    registers,
  });
  for (const place of places) reached.inc({ place }, 0);

  gauge('build_info', 'Version of the bridge.', ['version', 'node'], (self) => {
    self.set({ version, node: process.version }, 1);
  });
  gauge('messages', 'Messages by state, from the ledger.', ['state'], async (self) => {
    fill(self, 'state', await sources.messagesByState());
  });
  gauge('due_work', 'Rows of work in the ledger by kind, whether due or waiting.', ['kind'], async (self) => {
    fill(self, 'kind', await sources.dueByKind());
  });
  gauge(
    'intake_failures',
    'Messages that could not be taken so far and stay unread at the gateway.',
    [],
    async (self) => {
      self.set(await sources.intakeFailures());
    },
  );
  gauge('service_up', 'Whether the service answered last time.', ['service'], (self) => {
    for (const { name, up } of activity.snapshot().services) self.set({ service: name }, up ? 1 : 0);
  });
  gauge('not_ready', 'Parts that keep the bridge from being ready; none where it is.', ['part'], (self) => {
    fill(self, 'part', Object.fromEntries(activity.readiness().reasons.map(({ part }) => [part, 1])));
  });
  gauge('intake_paused', 'Whether intake is paused.', [], (self) =>
    self.set(activity.snapshot().intake.paused ? 1 : 0),
  );
  gauge('stalled_steps', 'Steps that hang: neither ended nor moved a byte for 20 minutes.', [], (self) =>
    self.set(activity.snapshot().stalled?.length ?? 0),
  );
  gauge('transfers', 'Transfers that run now.', ['stage'], (self) => {
    const counts = { fetch: 0, scan: 0, deliver: 0 };
    for (const { stage } of activity.snapshot().transfers) counts[stage] += 1;
    fill(self, 'stage', counts);
  });

  return {
    transition: (before, after) => {
      if (before === null) taken.inc({ station: after.station });
      if (before !== null && after.resends > before.resends) resends.inc(after.resends - before.resends);
      for (const place of places) {
        const gained = countIn(place, after) - (before === null ? 0 : countIn(place, before));
        if (gained > 0) reached.inc({ place }, gained);
      }
    },
    step: (stage, outcome, durationMs) => durations.observe({ stage, outcome }, durationMs / 1000),
    bytes: (stage, count) => moved.inc({ stage }, count),
    retry: (stage) => retries.inc({ stage }),
    contentType: registry.contentType,
    scrape: () => registry.metrics(),
  };
}

/** Sets what is there and forgets what is no longer: a state that became empty must not keep its last figure. */
function fill(gauge: Gauge, label: string, counts: Readonly<Partial<Record<string, number>>>): void {
  gauge.reset();
  for (const [name, count] of Object.entries(counts)) gauge.set({ [label]: name }, count ?? 0);
}

function countIn(place: Place, message: Message): number {
  return message.obligations.filter((obligation) => obligation.place === place).length;
}
