import { existsSync } from 'node:fs';
import type { BridgeConfig } from '../config/schema';
import { checkHealth } from '../ledger/ledger-health';
import type { LedgerReader } from '../ledger/ledger-reader';
import { readMoveMark } from '../ledger/move/move-mark';
import { openLedgerReader } from '../ledger/open-ledger';
import type { Finding, Notes } from './finding';
import { takeNotes } from './finding';
import { lookAtStore } from './look-at-store';

/** The ledger's file or server, and what in it waits for people. Reads only. */
export async function checkLedger(
  config: Pick<BridgeConfig, 'custody' | 'egress' | 'ledger'>,
): Promise<readonly Finding[]> {
  const { ledger } = config;
  const notes = takeNotes('ledger');
  const { postgres } = ledger;
  const name = postgres === null ? ledger.file : `PostgreSQL, schema ${postgres.schema},`;
  if (postgres === null && !existsSync(ledger.file)) {
    const store = await lookAtStore(config).catch(() => undefined);
    // As the start judges it, which refuses a new ledger over it.
    if (store?.isBound === true || store?.holdsObjects === true)
      notes.fail(
        `${ledger.file} is not there, but the ${store.name} holds what a ledger refers to`,
        'Put the ledger back, or a backup in its place with "mft-bridge ledger restore"; for a new start give the bridge a custody of its own.',
      );
    else notes.ok(`${ledger.file} will be made at the first start`);
    return notes.findings;
  }
  if (postgres === null && readMoveMark(ledger.file) !== undefined) {
    notes.fail(
      `${ledger.file} was moved to PostgreSQL, or is being moved`,
      'Name the server in ledger.postgres; a start with this configuration says where it is, and how to go back.',
    );
    return notes.findings;
  }
  let reader: LedgerReader | undefined;
  try {
    if (postgres === null) checkHealth(ledger.file);
    reader = await openLedgerReader(ledger, Date.now);
    notes.ok(`${name} can be read`);
    await lookAtMessages(reader, notes);
  } catch (error) {
    notes.fail(
      error instanceof Error ? error.message : String(error),
      postgres === null
        ? 'Put a backup in its place with "mft-bridge ledger restore"; never delete it: what is in custody would be forgotten.'
        : 'Before the first start there are no tables yet; after it the bridge does not start until this is mended.',
    );
  } finally {
    await reader?.close();
  }
  return notes.findings;
}

async function lookAtMessages({ messages, intakeFailures }: LedgerReader, notes: Notes): Promise<void> {
  const counts = await messages.countByState();
  const waiting = ['held', 'dead-letter', 'quarantined'].flatMap((state) => {
    const count = counts[state] ?? 0;
    return count === 0 ? [] : [`${String(count)} ${state}`];
  });
  if (waiting.length > 0)
    notes.warn(`for people: ${waiting.join(', ')}`, 'See "mft-bridge message ls --state held" and its like.');
  const failures = (await intakeFailures.list()).length;
  if (failures > 0) {
    notes.warn(
      `${String(failures)} messages could not be taken; they are unread at the gateway and tried again`,
      'See "mft-bridge message ls --not-taken".',
    );
  }
}
