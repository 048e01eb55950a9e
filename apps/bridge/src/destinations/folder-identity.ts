import type { link } from 'node:fs/promises';
import { stat } from 'node:fs/promises';
import { errorCode } from '../custody/error-code';
import { DestinationAwayError } from './destination-away-error';
import { markPath, markText, readMark, writeMark } from './folder-mark';
import { notThere } from './not-there';

/** Where the ledger notes which folder a destination has. */
export interface FolderRecords {
  get(key: string): Promise<string | undefined>;
  /** Of several bridges that start at once the first one's value stands. */
  setIfNew(key: string, value: string): Promise<void>;
}

export interface FolderIdentityOptions {
  /** Of the destination. */
  readonly name: string;
  readonly directory: string;
  readonly records: FolderRecords;
  readonly newId: () => string;
  /** The file system's link; replaced where a test needs one that has none. */
  readonly link?: typeof link;
}

export interface FolderIdentity {
  /**
   * Resolves where the folder is the destination's own. At the first call of all it becomes that: it gets a mark, and the
   * ledger its id. @throws DestinationAwayError
   */
  check(): Promise<void>;
}

const codeOf = (error: unknown): string => errorCode(error) ?? 'unknown error';

/** Under what name the ledger keeps the id of a destination's folder. */
export const folderRecordKey = (destination: string): string => `folder:${destination}`;

/**
 * Tells the folder of a destination from an empty mount point: after a reboot without its share, what is delivered would lie
 * beneath the mount point, where no reader looks for it, and count as delivered. A folder that has a mark already keeps it:
 * several bridges, and several destinations, may deliver into one.
 *
 * @example
 * const identity = createFolderIdentity({ name: 'archive', directory, records: ledger.settings, newId });
 * await identity.check();
 */
export function createFolderIdentity(options: FolderIdentityOptions): FolderIdentity {
  const { name, directory, records, newId, link } = options;
  const key = folderRecordKey(name);
  /** Never changes once it is there. */
  let noted: string | undefined;
  let first: Promise<void> | undefined;

  const away = (what: string, options?: { readonly unseen: boolean }): DestinationAwayError =>
    new DestinationAwayError(name, `the folder ${directory} ${what}`, options);

  const look = async (): Promise<string | null | undefined> => {
    try {
      const found = await readMark(directory);
      if (found !== undefined) return found;
      if ((await stat(directory).catch(notThere))?.isDirectory() === true) return undefined;
    } catch (error) {
      throw away(`cannot be looked at (${codeOf(error)}). See to its share or its rights.`, { unseen: true });
    }
    throw away('does not exist. Create it, or mount its share.');
  };

  async function begin(): Promise<void> {
    let found = await look();
    // An empty mark is one of ours that was cut off, where the file system has no links.
    if (found === undefined || found === null) {
      try {
        await writeMark(directory, { id: newId(), destination: name, ...(link && { link }) });
      } catch (error) {
        throw away(
          `cannot be given its mark ${markPath('')} (${codeOf(error)}). Let the bridge write there, or make room.`,
        );
      }
      found = await look();
    }
    if (found === undefined || found === null) throw new DestinationAwayError(name, spoiltMark(directory));
    await records.setIfNew(key, found);
    noted = await records.get(key);
  }

  return {
    async check() {
      noted ??= await records.get(key);
      if (noted === undefined) await (first ??= begin().finally(() => (first = undefined)));
      const found = await look();
      if (noted === undefined || found !== noted)
        throw new DestinationAwayError(name, whyNotIts({ directory, noted: noted ?? '', found }));
    },
  };
}

/** Why a folder is not the one that is noted, and what to do. Pure. */
export function whyNotIts({
  directory,
  noted,
  found,
}: {
  readonly directory: string;
  readonly noted: string;
  readonly found: string | null | undefined;
}): string {
  const what =
    found === undefined
      ? `has no ${markPath('')}, which the bridge has put into it: it is another folder, or its share is not mounted.`
      : `has another id in ${markPath('')}: it is another folder.`;
  return (
    `the folder ${directory} ${what} Nothing is delivered into it. Mount its share; ` +
    `to deliver into this folder from now on, write ${markText(noted)} into ${markPath(directory)}, and remove that file from ` +
    `wherever else it stands, beneath the mount point above all.`
  );
}

const spoiltMark = (directory: string): string =>
  `${markPath(directory)} names no folder: it was altered or cut off. Remove it where nothing has been delivered into this folder yet; otherwise put back the one that was there.`;
