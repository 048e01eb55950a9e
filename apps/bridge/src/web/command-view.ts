import type { AskedCommand } from '../ledger/ledger';

/** A command as the API shows it. Times are epoch ms. */
export interface CommandView extends Pick<AskedCommand, 'id' | 'kind' | 'messageId' | 'actor' | 'askedAt'> {
  /** `waiting` for its turn, `done`, or `refused`: it could not be done. */
  readonly state: 'waiting' | 'done' | 'refused';
  readonly doneAt: number | null;
  /** What came of it, as a sentence; null while it waits. */
  readonly outcome: string | null;
}

/** Pure. */
export function viewCommand({
  id,
  kind,
  messageId,
  actor,
  askedAt,
  doneAt,
  outcome,
}: AskedCommand): CommandView {
  const state = outcome === null ? 'waiting' : outcome.done ? 'done' : 'refused';
  return { id, kind, messageId, actor, askedAt, state, doneAt, outcome: outcome?.text ?? null };
}
