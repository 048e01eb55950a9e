import type { Logger } from 'pino';
import type { Ledger } from './ledger';
import { LedgerRefusedError } from './ledger-refused-error';
import type { SealFile } from './seal-file';
import { openSealFile } from './seal-file';
import type { Seal } from './seal';

/** Seals read from the ledger at a time, when they are exported again. */
const pageSize = 1_000;

export interface SealerOptions {
  readonly ledger: Pick<Ledger, 'seals'>;
  /** Where seals are exported as they are made. */
  readonly file: string;
  readonly intervalMs: number;
  /** Epoch ms. */
  readonly now: () => number;
  readonly log: Pick<Logger, 'error' | 'info'>;
  /** Whether this bridge is the one that seals; the others only export what it made. One that is alone does both. */
  readonly maySeal?: () => boolean;
  /** Told whether a round of sealing came to its end: null where it did. */
  readonly told?: (error: unknown) => void;
}

export interface Sealer {
  start(): void;
  /** Seals all that is not sealed yet. */
  sealNow(): Promise<void>;
  /** Seals what there is and closes the file. */
  stop(): Promise<void>;
}

/**
 * Every few seconds seals the events that are new, and exports each seal as it is made. A copy of the file on another
 * machine shows later whether an event was edited, removed or cut off here.
 * @throws LedgerRefusedError where the file knows seals that the ledger does not: then this is an older ledger or another
 *
 * @example
 * const sealer = await openSealer({ ledger, file: 'state/seals.jsonl', intervalMs: 5_000, now: Date.now, log });
 * sealer.start();
 */
export async function openSealer(options: SealerOptions): Promise<Sealer> {
  const { ledger, now, log, intervalMs, maySeal = () => true, told } = options;
  const file = await openSealFile(options.file);
  /** Number of the last seal in the file. */
  let exported: number;
  try {
    exported = await exportMissing(ledger, file, options.file);
  } catch (error) {
    await file.close();
    throw error;
  }
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  let missed = false;

  async function exportAll(): Promise<void> {
    // A full disk may have taken half of a line.
    if (missed) await file.repair();
    missed = true;
    exported = await exportMissing(ledger, file, options.file);
    missed = false;
  }

  async function sealAll(): Promise<void> {
    if (!maySeal()) {
      await exportAll();
      return;
    }
    for (
      let seal = await ledger.seals.seal(now());
      seal !== undefined;
      seal = await ledger.seals.seal(now())
    ) {
      try {
        // Another bridge may have made those before it.
        if (missed || seal.number !== exported + 1) await exportAll();
        else await file.append([seal]);
        exported = seal.number;
        missed = false;
      } catch (error) {
        // The ledger has it: it is exported with the next.
        missed = true;
        throw error;
      }
    }
  }

  // One at a time: two that looked at the same events would seal them twice, and one be refused.
  const sealNow = (): Promise<void> => {
    const next = running.then(sealAll);
    running = next.catch(() => undefined);
    return next;
  };

  function schedule(): void {
    if (stopped) return;
    timer = setTimeout(() => {
      sealNow()
        .then(() => told?.(null))
        .catch((error: unknown) => {
          told?.(error);
          log.error({ err: error }, 'events could not be sealed, or a seal not exported; tried again');
        })
        .finally(schedule);
    }, intervalMs);
  }

  return {
    start: schedule,
    sealNow,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await sealNow().catch((error: unknown) => {
        log.error({ err: error }, 'the last events are not sealed yet; the next start does it');
      });
      await file.close();
    },
  };
}

/** Writes what the file misses; the ledger is the truth, and never behind. @returns the number of the last one */
async function exportMissing(ledger: Pick<Ledger, 'seals'>, file: SealFile, path: string): Promise<number> {
  const exported = await file.last();
  if (exported !== undefined) await checkSame(ledger, exported, path);
  let after = exported?.number ?? 0;
  for (;;) {
    const seals = await ledger.seals.list({ after, limit: pageSize });
    const last = seals.at(-1);
    if (last === undefined) return after;
    await file.append(seals);
    after = last.number;
  }
}

async function checkSame(ledger: Pick<Ledger, 'seals'>, exported: Seal, path: string): Promise<void> {
  const [known] = await ledger.seals.list({ after: exported.number - 1, limit: 1 });
  if (known?.number === exported.number && known.hash === exported.hash) return;
  const ledgerEnds = (await ledger.seals.last())?.number ?? 0;
  throw new LedgerRefusedError(
    `The exported seals in ${path} end at seal ${exported.number}, which this ledger (${ledgerEnds} seals) does not have: it is an older ledger, or another one. Where a backup was put in its place by hand, put the newer ledger back and use "mft-bridge ledger restore", which holds what may have been sent meanwhile. Where it is meant to be another ledger, move ${path} away.`,
  );
}
