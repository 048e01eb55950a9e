import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import { bindCustody } from './bind-custody';
import type { BridgeConfig } from './config/schema';
import type { Custody } from './custody/custody';
import { openDirectoryCustody } from './custody/directory-custody';
import { holdsObjects } from './custody/directory-layout';
import { openKeyRing } from './custody/key-ring';
import type { Ledger } from './ledger/ledger';
import { openLedger } from './ledger/open-ledger';
import { sealFileIn } from './ledger/seal-file';
import type { Sealer } from './ledger/sealer';
import { openSealer } from './ledger/sealer';
import type { OpenWriter } from './ledger/sqlite-writer';
import { sweepCustody } from './pipeline/sweep-custody';

/** How often what is new in the ledger is sealed. */
const sealIntervalMs = 5_000;

export interface StorageOptions {
  /** Where the writing connection lives. */
  readonly openWriter: OpenWriter;
  /** The ledger cannot be written any more. */
  readonly onLost: (error: Error) => void;
  /** Receives what is to be closed, in the order in which it was opened. */
  readonly closers: (() => Promise<unknown>)[];
}

export interface Storage {
  readonly ledger: Ledger;
  readonly custody: Custody;
  readonly sealer: Sealer;
}

/** Opens ledger, keys and custody, checks that they belong together, and puts in order what the last run left. */
export async function openStorage(
  config: BridgeConfig,
  log: Logger,
  { openWriter, onLost, closers }: StorageOptions,
): Promise<Storage> {
  const now = Date.now;
  const { directory, keyFile, minFreeBytes } = config.custody;
  await mkdir(config.dataDirectory, { recursive: true, mode: 0o700 });
  const { ledger, existed } = await openLedger(config.ledger, { now, logger: log, openWriter, onLost });
  closers.push(() => ledger.close());
  const sealer = await openSealer({
    ledger,
    file: sealFileIn(config.dataDirectory),
    intervalMs: sealIntervalMs,
    now,
    log,
  });
  closers.push(() => sealer.stop());

  const holdsData = existed || (await holdsObjects(directory));
  const { ring, created } = await openKeyRing({ path: keyFile, holdsData, now });
  if (created) {
    log.warn(
      { file: keyFile },
      'a key for custody was made: back this file up now; without it nothing in custody can be read',
    );
  }
  await bindCustody({ ledger, directory, keyFile, ring, newId: () => randomUUID().replaceAll('-', '') });
  const custody = await openDirectoryCustody({ directory, keyRing: ring, minFreeBytes });
  closers.push(() => custody.close());
  await ledger.due.voidLeases(now());
  await sweepCustody({ ledger, custody, log, now });
  return { ledger, custody, sealer };
}
