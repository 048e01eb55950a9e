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

/** The store is full, or below its reserve. Nothing of the deposit stays behind. */
export class CustodyFullError extends Error {
  override readonly name = 'CustodyFullError';
}

/** Where bytes are kept, encrypted at rest. */
export interface Custody {
  /** Stores the stream; resolves when file and directory are durable. A failed deposit leaves nothing. @throws CustodyFullError */
  deposit(
    source: Readable,
    options: { name: string; signal?: AbortSignal; onBytes?: (total: number) => void },
  ): Promise<Deposit>;
  /** The plain bytes, checked frame by frame; an altered or truncated file errors the stream with CustodyDamagedError before a wrong byte is given. */
  open(key: string): Readable;
  remove(key: string): Promise<void>;
  /** All keys in the store, with the time they were made (epoch ms). */
  list(): AsyncIterable<{ key: string; at: number }>;
  /** Bytes that may still be stored before the reserve is reached. */
  room(): Promise<number>;
  close(): Promise<void>;
}
