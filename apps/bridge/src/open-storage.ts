import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import { bindCustody, checkOwner } from './bind-custody';
import type { BridgeConfig } from './config/schema';
import type { Custody } from './custody/custody';
import { someObjects } from './custody/custody-site';
import { openKeyRing } from './custody/key-ring';
import { holdsSealedData } from './holds-sealed-data';
import type { Ledger } from './ledger/ledger';
import type { Membership } from './ledger/membership';
import { openLedger } from './ledger/open-ledger';
import type { SeveralOptions } from './ledger/postgres/postgres-ledger';
import { sealFileIn } from './ledger/seal-file';
import type { Sealer } from './ledger/sealer';
import { openSealer } from './ledger/sealer';
import type { OpenWriter } from './ledger/sqlite-writer';
import { acquireDataDirectory } from './ledger/writer-lock';
import { openStore } from './open-custody';
import { classifyFailure } from './pipeline/failure';
import type { RolePatience } from './pipeline/role-patience';
import { createRolePatience } from './pipeline/role-patience';
import { sweepCustody, sweepCustodyDaily } from './pipeline/sweep-custody';
import { keyParts } from './several-options';

/** How often what is new in the ledger is sealed. */
const sealIntervalMs = 5_000;

export interface StorageOptions {
  /** Where the writing connection lives. */
  readonly openWriter: OpenWriter;
  /** Epoch ms. */
  readonly now: () => number;
  /** ms of a clock that nobody sets. */
  readonly monotonic: () => number;
  /** Others may share the ledger; absent where this bridge has it for itself. */
  readonly several: SeveralOptions | undefined;
  /** The ledger cannot be written any more. */
  readonly onLost: (error: Error) => void;
  /** Receives what is to be closed, in the order in which it was opened. */
  readonly closers: (() => Promise<unknown>)[];
}

export interface Storage {
  readonly ledger: Ledger;
  readonly membership: Membership;
  readonly patience: RolePatience;
  readonly custody: Custody;
  readonly sealer: Sealer;
}

/** Opens ledger, keys and custody, checks that they belong together, and puts in order what the last run left. */
export async function openStorage(
  config: BridgeConfig,
  log: Logger,
  { openWriter, now, monotonic, several, onLost, closers }: StorageOptions,
): Promise<Storage> {
  const { keyFile } = config.custody;
  await mkdir(config.dataDirectory, { recursive: true, mode: 0o700 });
  if (config.ledger.postgres !== null) {
    const lock = acquireDataDirectory(config.dataDirectory);
    closers.push(() => {
      lock.release();
      return Promise.resolve();
    });
  }
  const { ledger, membership } = await openLedger(config.ledger, {
    now,
    logger: log,
    openWriter,
    several,
    onLost,
  });
  closers.push(() => ledger.close());
  const patience = createRolePatience({ membership, monotonic, log });
  const sealer = await openSealer({
    ledger,
    file: sealFileIn(config.dataDirectory),
    intervalMs: sealIntervalMs,
    now,
    log,
    maySeal: () => membership.holds('seal'),
    told: (error) => {
      if (error === null) patience.worked('seal');
      else patience.failed('seal', classifyFailure(error).why);
    },
  });
  closers.push(() => sealer.stop());

  const store = await openStore(config);
  closers.push(() => store.close());
  await store.check();
  const { site } = store;
  await checkOwner({ ledger, site });
  const holdsObjects = async (): Promise<boolean> => (await someObjects(site, 1)).length > 0;
  const holdsData = await holdsSealedData({ ledger, holdsObjects });
  const { ring, created } = await openKeyRing({ path: keyFile, holdsData, now });
  if (created) {
    log.warn(
      { file: keyFile },
      'a key for custody was made: back this file up now; without it nothing in custody can be read',
    );
  }
  await bindCustody({
    ledger,
    site,
    keyFile,
    ring,
    newId: () => randomUUID().replaceAll('-', ''),
    agree: () => membership.agree(keyParts(ring, config)),
  });
  const custody = await store.open(ring);
  closers.push(() => custody.close());
  // What others hold is theirs; what a dead one held is freed when it is removed.
  if (!membership.several) await ledger.due.voidLeases(now());
  await sweepCustody({ ledger, custody, log, now });
  if (store.isShared) closers.push(sweepCustodyDaily({ ledger, custody, log, now }));
  return { ledger, membership, patience, custody, sealer };
}
