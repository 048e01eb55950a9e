import type { Stage } from '../domain/message-event';
import type { DueWork } from './ledger';
import type { DueRow } from './tables';

/** A stored row as callers know it. Pure. */
export function toDueWork(row: DueRow): DueWork {
  return {
    id: row.id,
    kind: row.kind as Stage,
    subject: row.subject,
    messageId: row.message_id,
    dueAt: row.due_at,
    since: row.since,
    attempts: row.attempts,
    epoch: row.epoch,
    revision: row.revision,
    why: row.why,
  };
}
