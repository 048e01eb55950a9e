import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Delivery } from '../../domain/delivery';
import type { Consignment, DeliveryOutcome, DeliverySteps, Parcel } from '../destination';
import type { FolderDestinationOptions } from '../folder';
import { createFolderDestination } from '../folder';
import type { FolderRecords } from '../folder-identity';

/** Delivery that is attempted: also the name of the staged file. */
export const deliveryId = '0123456789abcdef0123456789abcdef';

export function parcelOf(
  content: Buffer | string,
  name = 'orders.edi',
  given: Buffer | string = content,
): Parcel {
  const bytes = Buffer.from(content);
  return {
    name,
    contentType: null,
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    open: () => Readable.from([Buffer.from(given)], { objectMode: false }),
  };
}

/** The ledger's part: remembers `staged`, and dies where it is told to. */
export function attemptFolder(
  directory: string,
  parcel: Parcel,
  options: Partial<FolderDestinationOptions> = {},
) {
  const noted = new Map<string, string>();
  const records: FolderRecords = {
    get: async (key) => noted.get(key),
    setIfNew: async (key, value) => {
      if (!noted.has(key)) noted.set(key, value);
    },
  };
  const start = () =>
    createFolderDestination({ name: 'archive', directory, records, newId: () => 'f01de2', ...options });
  let destination = start();
  let delivery: Delivery = {
    id: deliveryId,
    destination: 'archive',
    state: 'due',
    intendedAt: null,
    sendBy: null,
    remoteId: null,
    proof: null,
  };
  const sent: number[] = [];
  const consignment = (): Consignment => ({
    delivery,
    station: 'HUB',
    partner: 'ACME/1',
    subject: null,
    takenAt: 0,
    parcels: [parcel],
  });
  const stage = async (remoteId: string): Promise<void> =>
    void (delivery = { ...delivery, state: 'staged', remoteId });
  const run = (
    call: 'deliver' | 'confirm' | 'reconcile',
    extra: Partial<DeliverySteps> = {},
    other?: Delivery,
  ): Promise<DeliveryOutcome> => {
    const steps: DeliverySteps = {
      intend: () => Promise.reject(new Error('a folder intends nothing')),
      staged: stage,
      refusal: async () => null,
      onBytes: (bytes) => sent.push(bytes),
      isClaimed: async () => false,
      signal: new AbortController().signal,
      now: 0,
      ...extra,
    };
    return destination[call]({ ...consignment(), ...(other && { delivery: other }) }, steps);
  };
  return {
    deliver: (extra?: Partial<DeliverySteps>, other?: Delivery) => run('deliver', extra, other),
    confirm: () => run('confirm'),
    reconcile: (extra?: Partial<DeliverySteps>) => run('reconcile', extra),
    fate: () => destination.fate(consignment()),
    discard: () => destination.discard(consignment()),
    check: () => destination.check(),
    stage,
    delivery: () => delivery,
    /** What only the process knew is forgotten. */
    restart: () => void (destination = start()),
    sent,
  };
}
