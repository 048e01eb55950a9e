import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChaosRig } from './chaos-rig';
import type { Random } from './random';
import { settle } from './settle';
import type { Tally } from './tally';

/** Backups of a rig's ledger, and going back to them, with kills in the middle of either. */
export interface Restores {
  /** Beside a bridge that runs, or without one. */
  backUp(random: Random): Promise<readonly string[]>;
  /** To be called when no bridge runs; starts one. Without a backup it does nothing but that. */
  restore(random: Random): Promise<readonly string[]>;
}

/** For so long after a restore nobody can say whether the bridge has met a message before. */
const doubtfulMs = 11 * 60_000;

export function createRestores(rig: ChaosRig, tally: Tally): Restores {
  let count = 0;
  let latest: string | null = null;

  async function backUp(random: Random): Promise<readonly string[]> {
    count += 1;
    const file = join(rig.directory, `backup-${String(count)}`);
    if (rig.ledger.backups !== undefined) {
      await rig.ledger.backups.dump(file);
      latest = file;
      tally.add('backups');
      return [];
    }
    const isKilled = random.chance(0.4);
    const { code, killed, output } = await rig.command(
      ['ledger', 'backup', file],
      isKilled ? random.below(600) : undefined,
    );
    if (killed) {
      tally.add('backups killed');
      // Whole or not there: nobody must take a part for a backup.
      if (existsSync(file)) latest = file;
      return [];
    }
    if (code !== 0) return [`ledger backup ended with ${String(code)}: ${output}`];
    latest = file;
    tally.add('backups');
    return [];
  }

  async function restore(random: Random): Promise<readonly string[]> {
    if (latest === null) {
      rig.bridge.start();
      return [];
    }
    const { backups } = rig.ledger;
    await backups?.load(latest);
    const words =
      backups === undefined ? ['ledger', 'restore', latest, '--after-restore'] : ['ledger', 'after-restore'];
    for (let kills = random.below(3); kills > 0; kills -= 1) {
      const { killed } = await rig.command(words, random.below(700));
      if (!killed) continue;
      tally.add('restores killed');
      // The old ledger or the new one: a bridge starts on either. A server's is the new one already, and not marked yet.
      if (backups === undefined && random.chance(0.3)) {
        rig.bridge.start();
        await rig.bridge.up().catch(() => undefined);
        await rig.bridge.kill();
      }
    }
    const { code, output } = await rig.command(words);
    if (code !== 0) return [`ledger restore ended with ${String(code)}: ${output}`];
    tally.add('restores');
    await rm(latest, { force: true });
    latest = null;
    rig.bridge.start();
    // What was marked read after the backup was made is found by the sweep, and until then in no ledger.
    const restless = await settle(rig, { forMs: 2_500 });
    // What is not clearly younger than the restore is held: what comes after must go its way again.
    rig.gatewayClock.advance(doubtfulMs);
    return restless === null ? [] : [`after a restore: ${restless}`];
  }

  return { backUp, restore };
}
