import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json';

/**
 * One link of the ledger's own chain. It is bound to the seal before and to the hashes of the events that it holds, so
 * that whoever kept a seal elsewhere sees each event that was altered, left out or cut off since.
 */
export interface Seal {
  /** 1, 2, 3, ... without holes. */
  readonly number: number;
  /** Epoch ms. */
  readonly at: number;
  /** Hash of the seal before; 64 zeros in the first. */
  readonly previous: string;
  /** How many events and removals it holds. */
  readonly events: number;
  /** SHA-256 over the hashes of the events and removals, sorted. */
  readonly root: string;
  /** SHA-256 over the canonical JSON of all of the above. */
  readonly hash: string;
}

/** The seal after `last`, over events with these hashes. Pure. */
export function nextSeal(last: Seal | undefined, hashes: readonly string[], at: number): Seal {
  const body = {
    number: (last?.number ?? 0) + 1,
    at,
    previous: last?.hash ?? '0'.repeat(64),
    events: hashes.length,
    root: sealRoot(hashes),
  };
  return { ...body, hash: sealHash(body) };
}

/** SHA-256 over the hashes, sorted and one a line: the order in which events are found says nothing. Pure. */
export function sealRoot(hashes: readonly string[]): string {
  return createHash('sha256')
    .update(
      [...hashes]
        .sort()
        .map((hash) => `${hash}\n`)
        .join(''),
    )
    .digest('hex');
}

/** What a seal's hash must be. Pure. */
export function sealHash({ number, at, previous, events, root }: Omit<Seal, 'hash'>): string {
  return createHash('sha256').update(canonicalJson({ number, at, previous, events, root })).digest('hex');
}
