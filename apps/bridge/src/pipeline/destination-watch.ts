import { awayPrefix } from '../destinations/destination-away-error';
import type { Stage } from '../domain/message-event';
import type { PipelineContext } from './context';

const intervalMs = 15_000;
/** How long a look that is under way is waited for at the end: a share may hang for ever. */
const graceMs = 2_000;

export interface DestinationWatch {
  start(): void;
  stop(): Promise<void>;
}

const waiting: readonly Stage[] = ['deliver', 'reconcile'];

export type WatchContext = Pick<PipelineContext, 'destinations' | 'activity' | 'log' | 'now' | 'wake'> & {
  readonly ledger: { readonly due: Pick<PipelineContext['ledger']['due'], 'hasten'> };
};

/**
 * Asks each destination now and then whether it is there: `/readyz` tells of a share that is not mounted before there is
 * anything to deliver, what waited for it goes on as soon as it is back, and a folder gets its mark at the first start, when it
 * is most likely the right one.
 */
export function createDestinationWatch({
  destinations,
  ledger,
  activity,
  log,
  now,
  wake,
}: WatchContext): DestinationWatch {
  const timers = new Map<string, NodeJS.Timeout>();
  const away = new Set<string>();
  /** What waits since before this start as well. */
  const isToHasten = new Set(destinations.keys());
  const looks = new Map<string, Promise<void>>();
  let stopped = false;
  const isStopped = (): boolean => stopped;

  // Each by itself: a share that hangs says nothing about the others.
  function begin(name: string, check: () => Promise<void>): void {
    looks.set(name, look(name, check));
  }

  async function look(name: string, check: () => Promise<void>): Promise<void> {
    const why = await check().then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : 'unknown error'),
    );
    if (isStopped()) return;
    activity.impair(`destination ${name}`, why);
    if (why === null) {
      if (away.delete(name)) log.info({ destination: name }, 'the destination is there again');
      await hasten(name);
    } else if (!away.has(name)) {
      away.add(name);
      isToHasten.add(name);
      log.warn(
        { destination: name, why },
        'the destination is not there: what is to be delivered to it waits',
      );
    }
    // As it may have become while the ledger was waited for.
    if (isStopped()) return;
    timers.set(
      name,
      setTimeout(() => begin(name, check), intervalMs),
    );
  }

  async function hasten(name: string): Promise<void> {
    if (!isToHasten.delete(name)) return;
    try {
      await ledger.due.hasten({ kinds: waiting, why: awayPrefix(name), at: now() });
      wake();
    } catch (error) {
      isToHasten.add(name);
      log.debug(
        { err: error, destination: name },
        'what waits for it was not brought forward; it is at the next look',
      );
    }
  }

  return {
    start() {
      for (const [name, destination] of destinations) begin(name, () => destination.check());
    },
    async stop() {
      stopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
      let timer: NodeJS.Timeout | undefined;
      const grace = new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMs)));
      // A folder that has got its mark is noted in the ledger before that is closed.
      await Promise.race([Promise.all(looks.values()), grace]);
      clearTimeout(timer);
    },
  };
}
