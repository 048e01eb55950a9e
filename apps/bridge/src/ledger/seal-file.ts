import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { LedgerRefusedError } from './ledger-refused-error';
import type { Seal } from './seal';

/** Seals as they were made, one JSON object a line. */
export interface SealFile {
  append(seals: readonly Seal[]): Promise<void>;
  /** Cuts off a last line that is not whole. */
  repair(): Promise<void>;
  /** The last whole line; undefined where there is none. */
  last(): Promise<Seal | undefined>;
  close(): Promise<void>;
}

/** Where the seals of a bridge with this data directory are exported. */
export const sealFileIn = (dataDirectory: string): string => join(dataDirectory, 'seals.jsonl');

/** A line is some 320 bytes; the last one stands within this many. */
const tailBytes = 4_096;

/**
 * Opens the exported seals, made where the file is missing. A line that a crash cut off is removed: the ledger still
 * has that seal. Nothing is synced: what a power cut takes is written again from the ledger.
 * @throws LedgerRefusedError where the last line is no seal
 */
export async function openSealFile(path: string): Promise<SealFile> {
  const file = await open(path, 'a+', 0o600);
  try {
    await removeTornLine(file);
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    repair: () => removeTornLine(file),
    async append(seals) {
      await file.appendFile(seals.map((seal) => `${JSON.stringify(seal)}\n`).join(''));
    },
    async last() {
      const tail = await readTail(file);
      const line = tail.trimEnd().split('\n').at(-1) ?? '';
      if (line === '') return undefined;
      const seal = parseSeal(line);
      if (seal === undefined) {
        throw new LedgerRefusedError(
          `The last line of ${path} is no seal: the file was altered. Compare it with a copy that is kept elsewhere, then move it away; it is written anew from the ledger.`,
        );
      }
      return seal;
    },
    close: () => file.close(),
  };
}

/** All seals of a file. @throws LedgerRefusedError where it is missing and may not be, or a line of it is no seal */
export async function* readSealFile(
  path: string,
  { mayBeMissing = false }: { mayBeMissing?: boolean } = {},
): AsyncGenerator<Seal, void> {
  const isMissing = (await stat(path).catch(() => undefined)) === undefined;
  if (isMissing && mayBeMissing) return;
  if (isMissing) throw new LedgerRefusedError(`There are no seals at ${path}.`);
  const file = await open(path, 'r');
  try {
    let number = 0;
    for await (const line of file.readLines()) {
      number += 1;
      if (line === '') continue;
      const seal = parseSeal(line);
      if (seal === undefined) throw new LedgerRefusedError(`Line ${number} of ${path} is no seal.`);
      yield seal;
    }
  } finally {
    await file.close();
  }
}

function parseSeal(line: string): Seal | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const seal = value as Record<string, unknown>;
  const { number, at, previous, events, root, hash } = seal;
  return typeof number === 'number' &&
    typeof at === 'number' &&
    typeof events === 'number' &&
    typeof previous === 'string' &&
    typeof root === 'string' &&
    typeof hash === 'string'
    ? { number, at, previous, events, root, hash }
    : undefined;
}

async function readTail(file: FileHandle): Promise<string> {
  const { size } = await file.stat();
  const length = Math.min(size, tailBytes);
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.toString('utf8');
}

async function removeTornLine(file: FileHandle): Promise<void> {
  const tail = await readTail(file);
  if (tail === '' || tail.endsWith('\n')) return;
  const { size } = await file.stat();
  await file.truncate(size - Buffer.byteLength(tail.slice(tail.lastIndexOf('\n') + 1)));
}
