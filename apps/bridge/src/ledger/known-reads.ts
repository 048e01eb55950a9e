import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Ledger, StoredKeys } from './ledger';
import type { ReadSource } from './read-source';
import { template } from './statement';
import type { Tables } from './tables';

/** Keys of one query: a fixed number, so that one compiled text serves any count. */
const batch = 50;

type Slots = Record<`key${number}`, string>;

/** Questions of the kind "does any message know this?". */
export function createKnownReads(
  db: Kysely<Tables>,
  source: ReadSource,
): Pick<Ledger['messages'], 'isRemoteIdClaimed' | 'referredCustodyKeys' | 'storedCustodyKeys'> {
  const claims = template<{ remoteId: string }, { id: string }>((slot) =>
    db.selectFrom('delivery').select('id').where('claimed_id', '=', slot('remoteId')).compile(),
  );
  const names = Array.from({ length: batch }, (_, index): `key${number}` => `key${index}`);
  const originals = template<Slots, { key: string | null }>((slot) =>
    db
      .selectFrom('attachment')
      .innerJoin('message', 'message.id', 'attachment.message_id')
      .select('custody_key as key')
      // What retention took is referred to for the record only.
      .where((row) => row('message.bytes_removed', '=', row.lit(0)))
      .where(
        'custody_key',
        'in',
        names.map((name) => slot(name)),
      )
      .compile(),
  );
  const sanitized = template<Slots, { key: string | null }>((slot) =>
    db
      .selectFrom('attachment')
      .innerJoin('message', 'message.id', 'attachment.message_id')
      .select('scan_sanitized_custody_key as key')
      .where((row) => row('message.bytes_removed', '=', row.lit(0)))
      .where(
        'scan_sanitized_custody_key',
        'in',
        names.map((name) => slot(name)),
      )
      .compile(),
  );

  const stored = template<{ after: string; limit: number }, StoredKeys>((slot) =>
    db
      .selectFrom('attachment')
      .innerJoin('message', 'message.id', 'attachment.message_id')
      .select([
        'attachment.id as attachmentId',
        'message.id as messageId',
        'attachment.custody_key as original',
        'attachment.scan_sanitized_custody_key as sanitized',
      ])
      .where('attachment.id', '>', slot('after'))
      .where('message.bytes_removed', '=', sql.lit(0))
      .orderBy('attachment.id')
      .limit(slot('limit'))
      .compile(),
  );

  return {
    async storedCustodyKeys(query) {
      const [rows] = await source.read([stored(query)]);
      return rows;
    },
    async isRemoteIdClaimed(remoteId) {
      const [rows] = await source.read([claims({ remoteId })]);
      return rows.length > 0;
    },
    async referredCustodyKeys(keys) {
      const known = new Set<string>();
      for (let start = 0; start < keys.length; start += batch) {
        const part = keys.slice(start, start + batch);
        const first = part[0] ?? '';
        // What is missing to a whole batch is filled with its first key.
        const values: Slots = Object.fromEntries(names.map((name, index) => [name, part[index] ?? first]));
        for (const rows of await source.read([originals(values), sanitized(values)])) {
          for (const { key } of rows) if (key !== null) known.add(key);
        }
      }
      return known;
    },
  };
}
