import { isDeepStrictEqual } from 'node:util';
import type { Delivery } from '../domain/delivery';
import { isSettled, messageState } from '../domain/message';
import type { Message } from '../domain/message';
import { canonicalJson } from './canonical-json';
import type { ChainHead } from './chain';
import { extendChain } from './chain';
import type { DueStatements } from './due-statements';
import type { Change } from './ledger';
import type { MessageRows } from './message-rows';
import { encodeMessage } from './message-rows';
import type { Program, ProgramStep } from './program';
import type { RowStatements } from './row-statements';

export interface CommitTools {
  readonly rows: RowStatements;
  readonly due: DueStatements;
  readonly newId: () => string;
}

/**
 * The closed program that writes a change, and where the audit chain ends then. `head` is its end at `before.revision`: the
 * guard on the revision guards it as well, since the chain grows only together with it. Deterministic but for `newId`.
 * @throws RangeError where the revision did not grow: a fault of the caller that would let two writers pass
 */
export function commitProgram(
  { rows, due, newId }: CommitTools,
  change: Change,
  head: ChainHead,
): { readonly program: Program; readonly head: ChainHead } {
  const { before, after, done, at } = change;
  if (before !== undefined && after.revision <= before.revision) {
    throw new RangeError(
      `message ${after.id}: revision ${after.revision} does not follow ${before.revision}`,
    );
  }
  const chain = extendChain(after.id, head, change.events, at);
  const ledgerColumns = {
    state: messageState(after),
    ...settledAt(before, after, at),
    head_sequence: chain.head.sequence,
    head_hash: chain.head.hash,
  };
  const program = [
    ...(before === undefined
      ? insertMessage(rows, after, ledgerColumns)
      : updateMessage(rows, before, after, ledgerColumns)),
    ...chain.entries.map(({ sequence, event, hash }) =>
      rows.insert('event', { message_id: after.id, sequence, at, event: canonicalJson(event), hash }),
    ),
    // After the message, whose row two writers of it meet first: else each could hold what the other waits for. Before
    // what is asked for, so that a stage that asks for itself finds no row of its own in the way.
    ...(done === undefined ? [] : [due.remove(done)]),
    ...change.next.map(({ kind, subject, delayMs = 0 }) =>
      due.ask({
        id: newId(),
        kind,
        subject,
        message_id: after.id,
        partner: after.partner,
        due_at: at + delayMs,
        since: at,
      }),
    ),
  ];
  return { program, head: chain.head };
}

/** Only where it changes: a legal hold or a copy that was sent again does not begin the time anew. */
function settledAt(before: Message | undefined, after: Message, at: number): { settled_at?: number | null } {
  const [was, is] = [before !== undefined && isSettled(before), isSettled(after)];
  if (was === is) return {};
  return { settled_at: is ? at : null };
}

function insertMessage(rows: RowStatements, message: Message, ledgerColumns: object): ProgramStep[] {
  const encoded = encodeMessage(message);
  return [
    rows.insert('message', { ...encoded.message, ...ledgerColumns }),
    ...encoded.attachments.map((row) => rows.insert('attachment', row)),
    ...encoded.obligations.map((row) => rows.insert('obligation', row)),
    ...encoded.deliveries.map((row, index) =>
      rows.insert('delivery', { ...row, ...claim(undefined, message.deliveries[index]) }),
    ),
  ];
}

function updateMessage(
  rows: RowStatements,
  before: Message,
  after: Message,
  ledgerColumns: object,
): ProgramStep[] {
  const old = encodeMessage(before);
  const fresh = encodeMessage(after);
  const changed = { ...changedColumns(old.message, fresh.message), ...ledgerColumns };
  const deliveries = new Map(before.deliveries.map((delivery) => [delivery.id, delivery]));
  return [
    {
      ...rows.update('message', after.id, changed, before.revision),
      otherwise: `message ${after.id} is no longer at revision ${before.revision}`,
    },
    ...updateParts(rows, 'attachment', old.attachments, fresh.attachments, () => ({})),
    // Before the obligations that travel in them.
    ...updateParts(rows, 'delivery', old.deliveries, fresh.deliveries, ({ id }, index) =>
      claim(deliveries.get(id), after.deliveries[index]),
    ),
    ...updateParts(rows, 'obligation', old.obligations, fresh.obligations, () => ({})),
  ];
}

type PartRows = MessageRows['attachments'] | MessageRows['obligations'] | MessageRows['deliveries'];

function updateParts<Rows extends PartRows>(
  rows: RowStatements,
  table: 'attachment' | 'obligation' | 'delivery',
  old: Rows,
  fresh: Rows,
  extra: (row: Rows[number], index: number) => object,
): ProgramStep[] {
  const known = new Map(old.map((row) => [row.id, row]));
  const kept = new Set(fresh.map(({ id }) => id));
  const removed = old.filter(({ id }) => !kept.has(id)).map(({ id }) => rows.remove(table, id));
  const written = fresh.flatMap((row, index) => {
    const previous = known.get(row.id);
    if (previous === undefined) return [rows.insert(table, { ...row, ...extra(row, index) })];
    const changed = { ...changedColumns(previous, row), ...extra(row, index) };
    return Object.keys(changed).length === 0 ? [] : [rows.update(table, row.id, changed)];
  });
  return [...removed, ...written];
}

/**
 * A delivery claims a remote id when it is `submitted` under it, and keeps the claim for as long as it keeps the
 * id. Names that were only staged (files in a folder) claim nothing: they come again once the file was fetched.
 */
function claim(before: Delivery | undefined, after: Delivery | undefined): { claimed_id?: string | null } {
  if (after === undefined || isDeepStrictEqual(before, after)) return {};
  if (after.state === 'submitted') return { claimed_id: after.remoteId };
  return before?.remoteId === after.remoteId ? {} : { claimed_id: null };
}

function changedColumns<Row extends object>(old: Row, fresh: Row): Partial<Row> {
  const entries = Object.entries(fresh).filter(
    ([column, value]) => value !== (old as Record<string, unknown>)[column],
  );
  return Object.fromEntries(entries) as Partial<Row>;
}
