import { existsSync } from 'node:fs';
import type { BridgeConfig } from '../config/schema';
import { checkHealth } from '../ledger/ledger-health';
import type { LedgerReader } from '../ledger/ledger-reader';
import { openLedgerReader } from '../ledger/open-ledger';
import type { Finding, Notes } from './finding';
import { takeNotes } from './finding';

/** The ledger's file or server, and what in it waits for people. Reads only. */
export async function checkLedger({ ledger }: Pick<BridgeConfig, 'ledger'>): Promise<readonly Finding[]> {
  const notes = takeNotes('ledger');
  const { postgres } = ledger;
  const name = postgres === null ? ledger.file : `PostgreSQL, schema ${postgres.schema},`;
  if (postgres === null && !existsSync(ledger.file)) {
    notes.ok(`${ledger.file} will be made at the first start`);
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
