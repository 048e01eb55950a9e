import type { CallOptions } from '@mft-bridge/http-transport';
import type { PartyOperations } from '../operations/parties';
import type { NewStation } from '../parties/new-station';
import type { Party, PartyReceipt } from '../schemas/party';
import type { ResourceContext } from './resource-context';

/**
 * Our own AS2 identities. The vendor speaks of changing and deleting them over REST as well, but names no call:
 * `gateway.request` reaches one that you know of.
 */
export interface Stations {
  /** All of them. */
  list(options?: CallOptions): Promise<readonly Party[]>;
  /** One of them, looked up in the list; no call for a single one is documented. Undefined when there is none. */
  find(identifier: string, options?: CallOptions): Promise<Party | undefined>;
  /**
   * Creates one. Sent once; look with `find` after an answer that was lost.
   *
   * @throws UnprocessableError (422) with the reasons of the service: read them with `fieldErrors(error)`.
   * @example
   * await gateway.stations.create({
   *   identifier: 'HUB', name: 'Hub', email: 'ops@example.com',
   *   certificate: { type: 'NEW_SELF_SIGN_CERTIFICATE', commonName: 'hub', password, keyLength: 4096, validity: 2 },
   * });
   */
  create(station: NewStation, options?: CallOptions): Promise<PartyReceipt>;
}

/** Builds the resource over its operations. */
export function createStations(
  operations: PartyOperations,
  { transport }: Pick<ResourceContext, 'transport'>,
): Stations {
  const list = (options?: CallOptions) => transport.call(operations.listStations, undefined, options);
  return {
    list,
    find: async (wanted, options) => (await list(options)).find(({ identifier }) => identifier === wanted),
    create: (station, options) => transport.call(operations.createStation, station, options),
  };
}
