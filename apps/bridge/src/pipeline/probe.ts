import type { PipelineContext } from './context';
import { classifyFailure } from './failure';

const intervalMs = 15_000;

export interface Probe {
  start(): void;
  stop(): Promise<void>;
}

/**
 * Asks the scanner for its version at the start and now and then, so that its state is known before there is anything
 * to scan. The gateway needs no probe: intake asks it all the time.
 */
export function createProbe({
  scanner,
  activity,
  log,
}: Pick<PipelineContext, 'scanner' | 'activity' | 'log'>): Probe {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  async function look(): Promise<void> {
    try {
      await scanner.version({ signal: abort.signal, maxAttempts: 1 });
      if (activity.serviceUp('scanner')) log.info({ service: 'scanner' }, 'the scanner answers');
    } catch (error) {
      if (abort.signal.aborted) return;
      const { why } = classifyFailure(error);
      if (activity.serviceDown('scanner', why))
        log.warn({ service: 'scanner', why }, 'the scanner does not answer');
    }
    timer = setTimeout(() => {
      running = look();
    }, intervalMs);
  }

  return {
    start() {
      running = look();
    },
    async stop() {
      abort.abort(new Error('the bridge was stopped'));
      clearTimeout(timer);
      await running;
    },
  };
}
