import type { Kysely } from 'kysely';
import type { AuditReads } from './audit-reads';
import { createAuditReads } from './audit-reads';
import { createCommandReads } from './command-ledger';
import { createDueReads } from './due-ledger';
import { createIntakeFailureReads } from './intake-failure-ledger';
import type { Ledger } from './ledger';
import { createMessageReads } from './message-reads';
import type { ReadSource } from './read-source';
import { createSealReads } from './seal-ledger';
import { createSettingReads } from './setting-ledger';
import { createSkippedReads } from './skipped-ledger';
import type { Tables } from './tables';

/** What only looks: works beside the bridge that writes. */
export interface LedgerReader {
  readonly messages: Ledger['messages'];
  readonly due: Pick<Ledger['due'], 'nextAt' | 'count'>;
  readonly intakeFailures: Pick<Ledger['intakeFailures'], 'find' | 'list'>;
  readonly commands: Pick<Ledger['commands'], 'find'>;
  readonly skipped: Pick<Ledger['skipped'], 'list'>;
  readonly seals: Pick<Ledger['seals'], 'list' | 'last'>;
  readonly settings: Pick<Ledger['settings'], 'get'>;
  readonly audit: Pick<AuditReads, 'head' | 'verify'>;
  close(): Promise<void>;
}

/** All reading methods over a source of rows. */
export function createLedgerReader(db: Kysely<Tables>, source: ReadSource, now: () => number): LedgerReader {
  const audit = createAuditReads(db, source);
  return {
    messages: { ...createMessageReads(db, source), timeline: audit.timeline },
    due: createDueReads(db, source, now),
    intakeFailures: createIntakeFailureReads(db, source),
    commands: createCommandReads(db, source),
    skipped: createSkippedReads(db, source),
    seals: createSealReads(db, source),
    settings: createSettingReads(db, source),
    audit,
    close: () => source.close(),
  };
}
