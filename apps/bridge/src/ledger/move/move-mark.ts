import { readFileSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LedgerRefusedError } from '../ledger-refused-error';
import { syncFile } from '../sync-file';

/** Stands beside a ledger in a file from the moment when it begins to be copied to a server. */
export interface MoveMark {
  /** Names this move: a target that was half copied knows by it whose continuation it may be. */
  readonly id: string;
  /** Host, port, database and schema; never a password. */
  readonly to: string;
  /** Epoch ms. */
  readonly at: number;
  /** From `moved` on the ledger is on the server, and what is in the file grows old. */
  readonly state: 'moving' | 'moved';
}

/** Where the mark of a ledger stands. */
const markPath = (file: string): string => `${file}.moved`;

/** The mark of the ledger `file`; undefined where it was never moved. @throws LedgerRefusedError where it cannot be read */
export function readMoveMark(file: string): MoveMark | undefined {
  const path = markPath(file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const mark = parse(text);
  if (mark === undefined) {
    throw new LedgerRefusedError(
      `${path} says that the ledger was moved to a server, and is not readable otherwise: it was altered. Find out where the ledger is in use now, before this file is moved away.`,
    );
  }
  return mark;
}

/** Writes it, durably and whole or not at all. */
export async function writeMoveMark(file: string, mark: MoveMark): Promise<void> {
  const path = markPath(file);
  const draft = `${path}.new`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(mark)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  renameSync(draft, path);
  await syncFile(dirname(path));
}

/** Another ledger took this one's place: what the mark says is about the one that was replaced. */
export async function setMoveMarkAside(file: string, suffix: string): Promise<void> {
  try {
    renameSync(markPath(file), `${markPath(file)}${suffix}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  rmSync(`${markPath(file)}.new`, { force: true });
  await syncFile(dirname(file));
}

/** Nobody may go on with a ledger that was moved: both would send what was not sent yet. @throws LedgerRefusedError */
export function refuseMoved(file: string): void {
  const mark = readMoveMark(file);
  if (mark === undefined) return;
  const { state, to, at } = mark;
  const since = new Date(at).toISOString();
  throw new LedgerRefusedError(
    state === 'moving'
      ? `The ledger ${file} is being moved to PostgreSQL at ${to} since ${since}, and that was not finished. Run the same "mft-bridge ledger migrate" again. To stay with the file: drop that schema, then delete ${markPath(file)}.`
      : `The ledger ${file} was moved to PostgreSQL at ${to} on ${since}: name that server in ledger.postgres of the configuration. To go back to the file: "mft-bridge ledger backup FILE", then "mft-bridge ledger restore FILE --after-restore", which holds what may have been sent from there since. Only where no bridge ever ran on that server it is enough to delete ${markPath(file)}.`,
  );
}

function parse(text: string): MoveMark | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, to, at, state } = value as Record<string, unknown>;
  return typeof id === 'string' &&
    typeof to === 'string' &&
    typeof at === 'number' &&
    (state === 'moving' || state === 'moved')
    ? { id, to, at, state }
    : undefined;
}
