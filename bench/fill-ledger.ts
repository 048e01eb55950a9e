import { openSqliteConnection } from '../apps/bridge/src/ledger/sqlite-connection';

/**
 * Puts messages that wait for their scan into a ledger file, behind the ledger's back: a hundred thousand commits would take
 * longer than all that is measured. Nothing may write the file meanwhile.
 */
export function fillLedger(
  file: string,
  { rows, partners, dueAt }: { rows: number; partners: number; dueAt: number },
): void {
  const connection = openSqliteConnection(file, 'write');
  try {
    connection.exec('begin immediate');
    connection.run({
      sql: `with recursive n (i) as (select 1 union all select i + 1 from n where i < ?)
        insert into message (id, station, partner, gateway_id, subject, gateway_time, taken_at, content_digest, route,
          acknowledged, resends, policy_version, revision, state, head_sequence, head_hash)
        select 'fill' || i, 'HUB', 'P' || (i % ?), '<' || i || '@fill>', null, i, i, 'd', 'orders', 1, 0, null, 0, 'scanning', 0, '' from n`,
      parameters: [rows, partners],
    });
    connection.run({
      sql: `with recursive n (i) as (select 1 union all select i + 1 from n where i < ?)
        insert into due (id, kind, subject, message_id, partner, due_at, since, attempts, epoch, revision, lease_until, why)
        select 'due' || i, 'scan', 'a' || i, 'fill' || i, 'P' || (i % ?), ? + i, 1, 0, 0, 0, 0, null from n`,
      parameters: [rows, partners, dueAt],
    });
    connection.exec('commit');
  } finally {
    connection.close();
  }
}
