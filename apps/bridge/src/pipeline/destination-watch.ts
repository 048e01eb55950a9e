import type { PipelineContext } from './context';

const intervalMs = 15_000;
/** How long a look that is under way is waited for at the end: a share may hang for ever. */
const graceMs = 2_000;

export interface DestinationWatch {
  start(): void;
  stop(): Promise<void>;
}

/**
 * Asks each destination now and then whether it is there: `/readyz` tells of a share that is not mounted before there is
 * anything to deliver, and a folder gets its mark at the first start, when it is most likely the right one.
 */
export function createDestinationWatch({
  destinations,
  activity,
  log,
}: Pick<PipelineContext, 'destinations' | 'activity' | 'log'>): DestinationWatch {
  const timers = new Map<string, NodeJS.Timeout>();
  const away = new Set<string>();
  const looks = new Map<string, Promise<void>>();
  let stopped = false;

  // Each by itself: a share that hangs says nothing about the others.
  function begin(name: string, check: () => Promise<void>): void {
    looks.set(name, look(name, check));
  }

  async function look(name: string, check: () => Promise<void>): Promise<void> {
    const why = await check().then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : 'unknown error'),
    );
    if (stopped) return;
    activity.impair(`destination ${name}`, why);
    if (why === null) {
      if (away.delete(name)) log.info({ destination: name }, 'the destination is there again');
    } else if (!away.has(name)) {
      away.add(name);
      log.warn(
        { destination: name, why },
        'the destination is not there: what is to be delivered to it waits',
      );
    }
    timers.set(
      name,
      setTimeout(() => begin(name, check), intervalMs),
    );
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
