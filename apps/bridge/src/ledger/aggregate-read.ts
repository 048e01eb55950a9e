import type { ExpressionBuilder, Kysely, SelectQueryBuilder } from 'kysely';
import { decodeMessage } from './message-rows';
import type { Message, MessageState } from '../domain/message';
import type { DueWork } from './ledger';
import { toDueWork } from './due-row';
import type { ReadSource } from './read-source';
import type { SlotOf, Statement } from './statement';
import { template } from './statement';
import type { AttachmentRow, DeliveryRow, DueRow, MessageRow, ObligationRow, Tables } from './tables';

/** A message as the ledger stores it, with the work on it. */
export interface StoredMessage {
  readonly message: Message;
  readonly state: MessageState;
  readonly waiting: readonly DueWork[];
}

/** A subquery that selects the ids of some messages. */
export type Selection<In> = (
  from: ExpressionBuilder<Tables, 'message'>,
  slot: SlotOf<In>,
) => SelectQueryBuilder<Tables, 'message', { id: string }>;

/**
 * Makes a read of whole aggregates: all that a selection names, from each table at once and over one snapshot.
 */
export function aggregateRead<In extends object>(
  db: Kysely<Tables>,
  selection: Selection<In>,
  order: 'asc' | 'desc',
): (source: ReadSource, values: In) => Promise<readonly StoredMessage[]> {
  const messages = template<In, MessageRow>((slot) =>
    db
      .selectFrom('message')
      .selectAll()
      .where('id', 'in', (from) => selection(from, slot))
      .orderBy('taken_at', order)
      .orderBy('id', order)
      .compile(),
  );
  const parts = <Row>(table: 'attachment' | 'obligation' | 'delivery'): ((values: In) => Statement<Row>) =>
    template<In, Row>((slot) =>
      db
        .selectFrom(table)
        .selectAll()
        .where('message_id', 'in', (from) =>
          selection(from as unknown as ExpressionBuilder<Tables, 'message'>, slot),
        )
        .orderBy('message_id')
        .orderBy('ordinal')
        .$castTo<Row>()
        .compile(),
    );
  const attachments = parts<AttachmentRow>('attachment');
  const obligations = parts<ObligationRow>('obligation');
  const deliveries = parts<DeliveryRow>('delivery');
  const work = template<In, DueRow>((slot) =>
    db
      .selectFrom('due')
      .selectAll()
      .where('message_id', 'in', (from) =>
        selection(from as unknown as ExpressionBuilder<Tables, 'message'>, slot),
      )
      .orderBy('due_at')
      // Of one time in one order, whatever the database.
      .orderBy('id')
      .compile(),
  );

  return async (source, values) => {
    const [messageRows, attachmentRows, obligationRows, deliveryRows, dueRows] = await source.read([
      messages(values),
      attachments(values),
      obligations(values),
      deliveries(values),
      work(values),
    ]);
    const attachmentsOf = byMessage(attachmentRows);
    const obligationsOf = byMessage(obligationRows);
    const deliveriesOf = byMessage(deliveryRows);
    const dueOf = byMessage(dueRows);
    return messageRows.map((row) => ({
      message: decodeMessage({
        message: row,
        attachments: attachmentsOf(row.id),
        obligations: obligationsOf(row.id),
        deliveries: deliveriesOf(row.id),
      }),
      state: row.state as MessageState,
      waiting: dueOf(row.id).map(toDueWork),
    }));
  };
}

function byMessage<Row extends { readonly message_id: string }>(
  rows: readonly Row[],
): (id: string) => readonly Row[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.message_id);
    if (group === undefined) groups.set(row.message_id, [row]);
    else group.push(row);
  }
  return (id) => groups.get(id) ?? [];
}
