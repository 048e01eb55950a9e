import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { CustodyDamagedError } from '../custody';
import type { SealedStore } from './sealed-store';

export interface CarryOptions {
  readonly from: Pick<SealedStore, 'read'>;
  readonly to: SealedStore;
  readonly keys: AsyncIterable<string>;
  /** Objects at a time. */
  readonly atOnce?: number;
  /** How many are there now, for people. */
  readonly onCarried?: (count: number) => void;
}

export interface Carried {
  readonly objects: number;
  /** Of those, what an earlier run had carried. */
  readonly known: number;
  /** Sealed bytes of all of them. */
  readonly bytes: number;
  /** Objects that are not in the store they come from. */
  readonly missing: number;
}

/**
 * Copies sealed objects to another store. Each is read again from there, and its size and SHA-256 compared: what counts is
 * what the store gives back. Run again it carries what is not there yet.
 * @throws CustodyDamagedError where the store gives back something else
 */
export async function carryObjects({
  from,
  to,
  keys,
  atOnce = 4,
  onCarried,
}: CarryOptions): Promise<Carried> {
  const done = { objects: 0, known: 0, bytes: 0, missing: 0 };

  async function carry(key: string): Promise<void> {
    const source = await from.read(key);
    if (source === undefined) {
      done.missing += 1;
      return;
    }
    const present = await to.read(key);
    const wanted = present === undefined ? undefined : await digest(source);
    if (present !== undefined && wanted !== undefined && isSame(await digest(present), wanted)) {
      done.known += 1;
      done.bytes += wanted.size;
    } else {
      const seen = digestOnTheWay(wanted === undefined ? source : await again(from, key));
      await to.write(key, seen.bytes);
      const stored = await to.read(key);
      if (stored === undefined || !isSame(await digest(stored), seen.end())) {
        throw new CustodyDamagedError(
          `Object ${key} was stored, and the store gives back other bytes. Nothing is in use of it: run this again; where it repeats, keep no custody there.`,
        );
      }
      done.bytes += seen.end().size;
    }
    done.objects += 1;
    onCarried?.(done.objects);
  }

  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for await (const key of keys) {
    const one: Promise<void> = carry(key)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => void running.delete(one));
    running.add(one);
    if (running.size >= atOnce) await Promise.race(running);
    if (failures.length > 0) break;
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
  return done;
}

interface Digest {
  readonly size: number;
  readonly sha256: string;
}

const isSame = (one: Digest, other: Digest): boolean =>
  one.size === other.size && one.sha256 === other.sha256;

async function digest(bytes: AsyncIterable<Buffer>): Promise<Digest> {
  const seen = digestOnTheWay(bytes);
  await finished(Readable.from(seen.bytes).resume());
  return seen.end();
}

function digestOnTheWay(source: AsyncIterable<Buffer>): { bytes: AsyncIterable<Buffer>; end(): Digest } {
  const hash = createHash('sha256');
  let size = 0;
  let ended: Digest | undefined;
  const bytes = async function* (): AsyncGenerator<Buffer, void> {
    for await (const piece of source) {
      hash.update(piece);
      size += piece.length;
      yield piece;
    }
  };
  return {
    bytes: bytes(),
    end: () => (ended ??= { size, sha256: hash.digest('hex') }),
  };
}

async function again(from: Pick<SealedStore, 'read'>, key: string): Promise<AsyncIterable<Buffer>> {
  const source = await from.read(key);
  if (source === undefined) throw new CustodyDamagedError(`Object ${key} went missing while it was copied.`);
  return source;
}
