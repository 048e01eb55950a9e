import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { CustodyDamagedError, CustodyUnavailableError } from '../custody/custody';
import type { Parcel } from './destination';

/** Why the bytes could not be given. */
export type CustodyFault = CustodyDamagedError | CustodyUnavailableError;

/**
 * The bytes of a parcel, hashed once more on their way out. The last chunk is given only when size and SHA-256 of all
 * agree with the parcel, so that a receiver who counts, or waits for the end, never has a whole file of wrong bytes.
 * Otherwise the stream errors with CustodyDamagedError, or with CustodyUnavailableError where the store could not be read;
 * `onFault` is told too, for callers whose own client hides the error of a body behind one of the connection.
 *
 * @example
 * await pipeline(withhold(parcel), request);
 */
export function withhold(parcel: Parcel, onFault?: (error: CustodyFault) => void): Readable {
  return Readable.from(checked(parcel, onFault), { objectMode: false, highWaterMark: 1024 * 1024 });
}

async function* checked(
  parcel: Parcel,
  onFault?: (error: CustodyFault) => void,
): AsyncGenerator<Buffer, void> {
  try {
    yield* lastWithheld(parcel);
  } catch (error) {
    if (error instanceof CustodyDamagedError || error instanceof CustodyUnavailableError) onFault?.(error);
    throw error;
  }
}

async function* lastWithheld(parcel: Parcel): AsyncGenerator<Buffer, void> {
  const hash = createHash('sha256');
  let size = 0;
  let kept: Buffer | undefined;
  for await (const chunk of parcel.open() as AsyncIterable<Buffer>) {
    if (chunk.length === 0) continue;
    size += chunk.length;
    if (size > parcel.size) throw mismatch(parcel, `more than ${parcel.size} bytes came`);
    hash.update(chunk);
    if (kept !== undefined) yield kept;
    kept = chunk;
  }
  const sha256 = hash.digest('hex');
  if (size !== parcel.size) throw mismatch(parcel, `${size} bytes came instead of ${parcel.size}`);
  if (sha256 !== parcel.sha256) throw mismatch(parcel, `SHA-256 ${sha256} instead of ${parcel.sha256}`);
  if (kept !== undefined) yield kept;
}

function mismatch({ name }: Parcel, what: string): CustodyDamagedError {
  return new CustodyDamagedError(
    `Custody is damaged: the bytes of "${name}" are not those that were cleared (${what}). They were not handed over whole.`,
  );
}
