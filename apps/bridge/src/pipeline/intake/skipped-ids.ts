import type { PipelineContext } from '../context';

/** Ids of messages that are older than `intake.startFrom`: not ours, and not worth asking for again. */
export interface SkippedIds {
  has(id: string): boolean;
  /** Remembered over restarts. */
  add(id: string, gatewayTime: number): Promise<void>;
}

/**
 * Loads what is known to be older. Who moves `startFrom` back meets those messages again. An id costs about 100 bytes
 * of memory and a row: they are the messages that stood at the gateway before the first start, and no others are added.
 */
export async function loadSkippedIds({
  ledger,
  settings,
}: Pick<PipelineContext, 'ledger' | 'settings'>): Promise<SkippedIds> {
  const ids = new Set(await ledger.skipped.list(settings.startFrom));
  return {
    has: (id) => ids.has(id),
    async add(id, gatewayTime) {
      await ledger.skipped.add(id, gatewayTime);
      ids.add(id);
    },
  };
}
