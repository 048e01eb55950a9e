import type { link } from 'node:fs/promises';
import { lstat, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../custody/sync-directory';
import { reason } from '../domain/reason';
import { safeFileName, splitExtension } from '../domain/safe-name';
import type { Consignment, DeliveryOutcome, DeliverySteps, Destination, Parcel } from './destination';
import { areSameFile, publishFile } from './publish-file';
import { checkStaged, clearStaged, stageFile } from './stage-file';

export interface FolderDestinationOptions {
  readonly name: string;
  /** Must exist: a share that is not mounted must not be filled beneath its mount point. */
  readonly directory: string;
  /** Largest file in bytes; null or absent for no limit. */
  readonly maxBytes?: number | null;
  /** Each partner's files in a sub-folder of the partner's name. Default false. */
  readonly perPartner?: boolean;
  /** The file system's link; replaced where a test needs one that has none. */
  readonly link?: typeof link;
}

/** Hidden, and no name from outside can be it: safe names begin with no dot. */
const stagingFolder = '.mft-bridge-staging';
const mostNumbered = 99;

/**
 * A folder on this machine. A file appears under its final name at once, whole, checked and durable, never over another
 * file: where the name is taken it becomes `name (2).ext`. After a crash at any point a second call ends the first:
 * nothing is lost and nothing appears twice.
 *
 * @example
 * createFolderDestination({ name: 'archive', directory: '/srv/edi/in', perPartner: true });
 */
export function createFolderDestination(options: FolderDestinationOptions): Destination {
  const { name, directory, maxBytes = null, perPartner = false } = options;

  const place = async (
    job: Job,
    steps: DeliverySteps,
    remoteId: string,
    { isResumed, isLinked }: { isResumed: boolean; isLinked: boolean },
  ): Promise<DeliveryOutcome> => {
    for (let chosen = remoteId, isFirst = true; ; isFirst = false) {
      // What has appeared already stays; all that is left to do then is to clear up.
      const why = isLinked && isFirst ? null : await steps.refusal();
      if (why !== null) return { type: 'again', why };
      const publishOptions = { resumed: isResumed && isFirst, ...(options.link && { link: options.link }) };
      const result = await publishFile(job.staged, join(directory, chosen), publishOptions);
      if (result === 'published') return { type: 'delivered', proof: chosen };
      chosen = await freeName(directory, job);
      await steps.staged(chosen);
    }
  };

  /** Ends a delivery whose bytes were durably staged; undefined if they must be staged anew. */
  const resume = async (
    job: Job,
    steps: DeliverySteps,
    remoteId: string,
  ): Promise<DeliveryOutcome | undefined> => {
    // Linked already: the reader of the folder may have changed the file since, so its bytes are not compared.
    const isLinked = await areSameFile(job.staged, join(directory, remoteId));
    if (!isLinked) {
      const state = await checkStaged(job.parcel, job.staged);
      if (state === 'missing') return { type: 'delivered', proof: remoteId };
      if (state === 'other') return undefined;
    }
    return place(job, steps, remoteId, { isResumed: true, isLinked });
  };

  const prepare = async (consignment: Consignment): Promise<Job> => {
    const job = jobOf(consignment, directory, perPartner);
    // An empty mount point has no staging folder: what was staged lies on the share still, and is not delivered.
    if (consignment.delivery.state === 'staged' && !(await isDirectory(join(directory, stagingFolder)))) {
      throw new Error(
        `The folder ${directory} of destination ${name} is not the one in which the file was staged: mount its share.`,
      );
    }
    if (!(await isDirectory(directory))) {
      throw new Error(
        `The folder ${directory} of destination ${name} does not exist. Create it, or mount its share.`,
      );
    }
    await makeFolder(directory, stagingFolder, 0o700);
    if (job.subfolder !== '') await makeFolder(directory, job.subfolder, 0o777);
    return job;
  };

  return {
    kind: 'folder',
    name,
    unit: 'attachment',
    maxBytes,
    // Every name is made safe, and what cannot be kept of it is of no use in a folder.
    carriesName: () => true,

    async deliver(consignment, steps) {
      const { state, remoteId } = consignment.delivery;
      if (state === 'delivered') return { type: 'delivered', proof: remoteId ?? '' };
      const job = await prepare(consignment);
      if (state === 'staged' && remoteId !== null) {
        const ended = await resume(job, steps, remoteId);
        if (ended !== undefined) return ended;
      }
      await stageFile(job.parcel, job.staged, steps);
      const chosen = await freeName(directory, job);
      await steps.staged(chosen);
      return place(job, steps, chosen, { isResumed: false, isLinked: false });
    },

    async reconcile(consignment, steps) {
      const { state, remoteId } = consignment.delivery;
      if (state === 'delivered') return { type: 'delivered', proof: remoteId ?? '' };
      // A name was chosen and noted only when all was staged: the rename may have happened, and can be ended.
      const job = remoteId === null ? undefined : await prepare(consignment);
      const ended = job && remoteId !== null ? await resume(job, steps, remoteId) : undefined;
      if (job && ended?.type === 'delivered')
        return { ...ended, proof: await publishedName(directory, job, ended.proof) };
      return ended ?? { type: 'unknown', reasons: [reason('delivery-unknown', `not found in ${directory}`)] };
    },

    async fate(consignment) {
      const { state, remoteId } = consignment.delivery;
      const job = jobOf(consignment, directory, perPartner);
      if (state === 'staged' && remoteId !== null) {
        // Without the folder nobody can say whether the last step, the rename, was made.
        if (!(await isDirectory(join(directory, stagingFolder)))) return { type: 'unclear' };
        const linked = await areSameFile(job.staged, join(directory, remoteId));
        if (linked || !(await exists(job.staged))) return { type: 'delivered', proof: remoteId };
      }
      return { type: 'nothing' };
    },

    async discard(consignment) {
      await clearStaged(jobOf(consignment, directory, perPartner).staged);
    },

    async confirm(consignment, steps) {
      const { state, remoteId } = consignment.delivery;
      if (state === 'delivered') return { type: 'delivered', proof: remoteId ?? '' };
      const ended =
        state === 'staged' && remoteId !== null
          ? await resume(await prepare(consignment), steps, remoteId)
          : undefined;
      return (
        ended ?? {
          type: 'not-sent',
          why: 'the file was not staged completely, so nothing has appeared in the folder',
        }
      );
    },
  };
}

interface Job {
  readonly parcel: Parcel;
  readonly staged: string;
  readonly subfolder: string;
  readonly deliveryId: string;
}

function jobOf({ delivery, parcels, partner }: Consignment, directory: string, perPartner: boolean): Job {
  const [parcel, second] = parcels;
  if (parcel === undefined || second !== undefined)
    throw new TypeError('a folder takes one attachment a delivery');
  if (!/^[A-Za-z0-9_-]{1,50}$/.test(delivery.id))
    throw new TypeError('a delivery id must be usable as a file name');
  return {
    parcel,
    staged: join(directory, stagingFolder, delivery.id),
    subfolder: perPartner ? safeFileName(partner) : '',
    deliveryId: delivery.id,
  };
}

function numberedNames(name: string, subfolder: string): readonly string[] {
  const [stem, extension] = splitExtension(safeFileName(name));
  return Array.from({ length: mostNumbered }, (_, index) =>
    join(subfolder, `${stem}${index === 0 ? '' : ` (${String(index + 1)})`}${extension}`),
  );
}

/** A name that nothing in the folder has, relative to the destination's directory. The last resort is unique. */
async function freeName(directory: string, { parcel, subfolder, deliveryId }: Job): Promise<string> {
  for (const candidate of numberedNames(parcel.name, subfolder))
    if (!(await exists(join(directory, candidate)))) return candidate;
  const [stem, extension] = splitExtension(safeFileName(parcel.name));
  return join(subfolder, `${stem} (${deliveryId})${extension}`);
}

/**
 * Where a file stands that was published. The name that a restored ledger notes may be the one before the last: taken by
 * another file, where ours then got the next number. Without a file of these bytes it is the noted name: its reader has
 * changed the file, or taken it away.
 */
async function publishedName(directory: string, { parcel, subfolder }: Job, noted: string): Promise<string> {
  for (const name of [noted, ...numberedNames(parcel.name, subfolder)])
    if ((await checkStaged(parcel, join(directory, name))) === 'whole') return name;
  return noted;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

async function makeFolder(directory: string, folder: string, mode: number): Promise<void> {
  const made = await mkdir(join(directory, folder), { recursive: true, mode });
  if (made !== undefined) await syncDirectory(directory);
}
