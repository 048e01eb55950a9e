import { createHash } from 'node:crypto';

/** Where locks of a ledger's members are told from all others: a key of 64 bits for each. */
export function memberLock(schema: string, id: string): string {
  const hash = createHash('sha256').update(`mft-bridge member ${schema} ${id}`).digest();
  return hash.readBigInt64BE().toString();
}

/** The first half of the key of a ledger's own locks. 1: the one writer. 2: whoever writes or joins. 3: migrations. */
export function ledgerLock(schema: string): number {
  return createHash('sha256').update(`mft-bridge ledger ${schema}`).digest().readInt32BE();
}

/** What is told to those who listen: names of channels are of one database, and hold any ledger of it apart. */
export function channelOf(schema: string): string {
  return `mft_bridge_${createHash('sha256').update(schema).digest('hex').slice(0, 16)}`;
}

/** Epoch ms by the server's clock, which is all bridges' clock. */
export const serverNow = '(extract(epoch from clock_timestamp()) * 1000)::bigint';

/** The value of the setting `writer` while several bridges share the ledger. */
export const sharedWriter = 'several';

export const beatStatement = `update member set beat_until = ${serverNow} + $2, counted = $3, down = $4
  where id = $1 returning beat_until - $2 as at`;

export const membersStatement = `select id, name, program, "schema", started_at, beat_until, counted, down, parts
  from member order by started_at, id`;

export const leasesStatement = 'select name, member from lease';

/** Takes what nobody has, or what one has who is no member any more. */
export const takeLeaseStatement = `insert into lease (name, member) values ($1, $2)
  on conflict (name) do update set member = excluded.member
  where not exists (select 1 from member where id = lease.member) returning name`;
