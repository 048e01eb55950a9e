import type { Readable } from 'node:stream';
import type { Media } from '../domain/media';

/** What was learned about the bytes on their way in. */
export interface Deposit {
  /** Random id: the only name that the store knows. */
  readonly key: string;
  readonly size: number;
  /** Of the plain bytes, lower-case hex. */
  readonly sha256: string;
  readonly media: Media;
}

/** Bytes in custody are altered, truncated, or sealed with a key that is not in the ring. */
export class CustodyDamagedError extends Error {
  override readonly name = 'CustodyDamagedError';
}

/** Nothing can be taken into custody for now, whatever message it is: intake pauses. */
export class CustodyPauseError extends Error {
  override readonly name: string = 'CustodyPauseError';
}

/** The store is full, or below its reserve. Nothing of the deposit stays behind. */
export class CustodyFullError extends CustodyPauseError {
  override readonly name = 'CustodyFullError';
}

/**
 * The store cannot be reached, or refuses what it must allow. Says nothing about the bytes in it: what needs them waits.
 * The text says what to do.
 */
export class CustodyUnavailableError extends CustodyPauseError {
  override readonly name = 'CustodyUnavailableError';
}

/** One object of the store. */
export interface StoredObject {
  readonly key: string;
  /** When it was made, epoch ms. */
  readonly at: number;
  /** Made so lately that another bridge may be about to write the message that refers to it. */
  readonly mayBeUnderWay: boolean;
}

/** Where bytes are kept, encrypted at rest. */
export interface Custody {
  /** Stores the stream; resolves when it is durable. A failed deposit leaves nothing. @throws CustodyFullError, CustodyUnavailableError */
  deposit(
    source: Readable,
    options: { name: string; signal?: AbortSignal; onBytes?: (total: number) => void },
  ): Promise<Deposit>;
  /** The plain bytes, checked frame by frame; an altered or truncated file errors the stream with CustodyDamagedError before a wrong byte is given. */
  open(key: string): Readable;
  remove(key: string): Promise<void>;
  list(): AsyncIterable<StoredObject>;
  /** Bytes that may still be stored before the reserve is reached. */
  room(): Promise<number>;
  close(): Promise<void>;
}

/** Custody whose objects can be read from any byte on. */
export interface RangedCustody extends Custody {
  /** As `open`, from plain byte `start` on; what lies before it is not read. */
  openFrom(key: string, start: number): Readable;
}
