import type { link } from 'node:fs/promises';
import { lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../custody/sync-directory';
import { reason } from '../domain/reason';
import { safeFileName, splitExtension } from '@mft-bridge/http-transport';
import type { Consignment, DeliveryOutcome, DeliverySteps, Destination, Parcel } from './destination';
import { DestinationAwayError } from './destination-away-error';
import type { FolderRecords } from './folder-identity';
import { createFolderIdentity } from './folder-identity';
import { notThere } from './not-there';
import { areSameFile, publishFile } from './publish-file';
import { checkStaged, clearStaged, stageFile } from './stage-file';

export interface FolderDestinationOptions {
  readonly name: string;
  /** Must exist: a share that is not mounted must not be filled beneath its mount point. */
  readonly directory: string;
  readonly records: FolderRecords;
  /** Makes the id of a folder that has none. */
  readonly newId: () => string;
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
/** Far more than can wait for the ledger at one time. */
const mostRemembered = 10_000;

/**
 * A folder on this machine. A file appears under its final name at once, whole, checked and durable, never over another
 * file: where the name is taken it becomes `name (2).ext`. After a crash at any point a second call ends the first:
 * nothing is lost and nothing appears twice.
 *
 * Nothing is staged, published or called delivered where the folder is not the one that it was (see `FolderIdentity`). A
 * staged file that is gone counts as delivered only where a file of its bytes is found under a name that it may have got:
 * somebody may have taken the staging folder away. One case stays open:
 * this machine died between the file's appearance and the ledger's note of it, and its reader took it away, or changed it,
 * before the bridge looked again. Then nobody can say, and the delivery is `unknown`.
 *
 * @example
 * const records = ledger.settings;
 * createFolderDestination({ name: 'archive', directory: '/srv/edi/in', perPartner: true, records, newId });
 */
export function createFolderDestination(options: FolderDestinationOptions): Destination {
  const { name, directory, records, newId, maxBytes = null, perPartner = false } = options;
  /** What this process published, by delivery: while the ledger cannot be written, a reader may take the file away. */
  const published = new Map<string, string>();
  const identity = createFolderIdentity({ name, directory, records, newId });

  const remember = (deliveryId: string, proof: string): void => {
    published.set(deliveryId, proof);
    const [oldest] = published.keys();
    if (published.size > mostRemembered && oldest !== undefined) published.delete(oldest);
  };

  /** The name under which a file whose staged one is gone was published, if that is known. */
  const proofOf = async (job: Job, remoteId: string): Promise<string | undefined> =>
    published.get(job.deliveryId) ?? (await publishedName(directory, job, remoteId));

  const unknown = (): DeliveryOutcome => ({
    type: 'unknown',
    reasons: [reason('delivery-unknown', `not found in ${directory}`)],
  });

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
      if (result === 'published') {
        // A share that was taken away since the last look: what was published then lies beneath its mount point.
        remember(job.deliveryId, chosen);
        await identity.check().catch((error: unknown) => {
          // Where nobody could look, it most likely is the right one still, and its reader may take the file away meanwhile.
          if (!(error instanceof DestinationAwayError && error.unseen)) published.delete(job.deliveryId);
          throw error;
        });
        return { type: 'delivered', proof: chosen };
      }
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
      if (state === 'missing') {
        const proof = await proofOf(job, remoteId);
        return proof === undefined ? unknown() : { type: 'delivered', proof };
      }
      if (state === 'other') return undefined;
    }
    return place(job, steps, remoteId, { isResumed: true, isLinked });
  };

  /** Whatever fails because the share is away waits until it is back, as if it had been away from the start. */
  const whileHere = async (step: () => Promise<DeliveryOutcome>): Promise<DeliveryOutcome> => {
    try {
      return await step();
    } catch (error) {
      await identity.check();
      throw error;
    }
  };

  const isHere = (): Promise<boolean> =>
    identity.check().then(
      () => true,
      () => false,
    );

  const prepare = async (consignment: Consignment): Promise<Job> => {
    const job = jobOf(consignment, directory, perPartner);
    await identity.check();
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
    check: () => identity.check(),

    async deliver(consignment, steps) {
      const { state, remoteId } = consignment.delivery;
      if (state === 'delivered') return { type: 'delivered', proof: remoteId ?? '' };
      return whileHere(async () => {
        const job = await prepare(consignment);
        if (state === 'staged' && remoteId !== null) {
          const ended = await resume(job, steps, remoteId);
          if (ended !== undefined) return ended;
        }
        published.delete(job.deliveryId);
        await stageFile(job.parcel, job.staged, steps);
        const chosen = await freeName(directory, job);
        await steps.staged(chosen);
        return place(job, steps, chosen, { isResumed: false, isLinked: false });
      });
    },

    async reconcile(consignment, steps) {
      const { state, remoteId } = consignment.delivery;
      if (state === 'delivered') return { type: 'delivered', proof: remoteId ?? '' };
      // A name was chosen and noted only when all was staged: the rename may have happened, and can be ended.
      if (remoteId === null) return unknown();
      return whileHere(async () => (await resume(await prepare(consignment), steps, remoteId)) ?? unknown());
    },

    async fate(consignment) {
      const { state, remoteId } = consignment.delivery;
      const job = jobOf(consignment, directory, perPartner);
      if (state === 'staged' && remoteId !== null) {
        // Without the folder nobody can say whether the last step, the rename, was made.
        if (!(await isHere())) return { type: 'unclear' };
        if (await areSameFile(job.staged, join(directory, remoteId)))
          return { type: 'delivered', proof: remoteId };
        if (!(await exists(job.staged))) {
          const proof = await proofOf(job, remoteId);
          return proof === undefined ? { type: 'unclear' } : { type: 'delivered', proof };
        }
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
 * Where a file of these bytes stands that may be the published one. The name that a restored ledger notes may be the one
 * before the last: taken by another file, where ours then got the next number.
 */
async function publishedName(
  directory: string,
  { parcel, subfolder }: Job,
  noted: string,
): Promise<string | undefined> {
  for (const name of [noted, ...numberedNames(parcel.name, subfolder)]) {
    const path = join(directory, name);
    const found = await lstat(path).catch(notThere);
    // Nothing else is opened: of a foreign pipe that would never end.
    if (found?.isFile() === true && (await checkStaged(parcel, path)) === 'whole') return name;
  }
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(notThere)) !== undefined;
}

async function makeFolder(directory: string, folder: string, mode: number): Promise<void> {
  const made = await mkdir(join(directory, folder), { recursive: true, mode });
  if (made !== undefined) await syncDirectory(directory);
}
