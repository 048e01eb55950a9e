import type { ScannerContext } from './scanner-context';
import { fileStanding } from './file-standing';
import { finalState, isGone, said, type StoredFile } from './stored-file';

/**
 * The people who work at the product's user interface. These actions exist in the API too, but no public page gives
 * their addresses, so a test calls them here. Each throws a RangeError for a file that does not exist, and an Error
 * for one with which it cannot be done.
 */
export interface ScannerOperator {
  /** A supervisor approves: with the required number of approvals the file can be downloaded. Blocked files cannot. */
  approve(fileId: string): void;
  /** All approvals of a file are taken back. */
  revoke(fileId: string): void;
  /** Lifts a block: the file becomes "Available - overridden", though the scan still says what it said. */
  lift(fileId: string): void;
  /** Blocks it again. */
  restore(fileId: string): void;
  /** Locks a file until then; epoch ms. */
  lock(fileId: string, until: number): void;
  unlock(fileId: string): void;
  /** Deletes a file: its status says so from then on, its content is gone. */
  remove(fileId: string): Promise<void>;
  /** Makes a public link. Returns the id for `GET /public/{id}`. */
  publish(fileId: string): string;
  unpublish(publicId: string): void;
}

/** @example createOperator(context).approve(fileId); */
export function createOperator(context: ScannerContext): ScannerOperator {
  const { shelf, now, published, newId } = context;
  const find = (fileId: string): StoredFile => {
    const file = shelf.get(fileId);
    if (file === undefined || isGone(file, now())) throw new RangeError(`The scanner has no file ${fileId}.`);
    return file;
  };
  return {
    approve(fileId) {
      const file = find(fileId);
      const { state, supervisor } = fileStanding(file, now());
      if (supervisor === 'ApprovalDisabled')
        throw new Error('This file needs no approval: set `approvals` before it is uploaded.');
      if (state !== 'Available')
        throw new Error(`A file that is ${state} cannot be approved: only what the scan did not block can.`);
      file.approvals += 1;
    },
    revoke(fileId) {
      find(fileId).approvals = 0;
    },
    lift(fileId) {
      const file = find(fileId);
      const found = said(file, now());
      const state = found === undefined ? undefined : finalState(found);
      if (state !== 'Blocked' && state !== 'BlockedNoSanitization')
        throw new Error('This file is not blocked, so there is no block to lift.');
      file.lifted = true;
    },
    restore(fileId) {
      find(fileId).lifted = false;
    },
    lock(fileId, until) {
      find(fileId).lockedUntil = until;
    },
    unlock(fileId) {
      Reflect.deleteProperty(find(fileId), 'lockedUntil');
    },
    remove: async (fileId) => shelf.remove(find(fileId)),
    publish(fileId) {
      find(fileId);
      const publicId = newId();
      published.set(publicId, fileId);
      return publicId;
    },
    unpublish: (publicId) => void published.delete(publicId),
  };
}
