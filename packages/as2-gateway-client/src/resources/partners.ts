import type { CallOptions } from '@mft-bridge/http-transport';
import type { PartyOperations } from '../operations/parties';
import type { NewPartner } from '../parties/new-partner';
import type { PartnerChanges } from '../parties/partner-changes';
import type { Party, PartyReceipt } from '../schemas/party';
import type { ResourceContext } from './resource-context';

/** The AS2 identities on the other side. No call to delete one is documented. */
export interface Partners {
  /** All of them. */
  list(options?: CallOptions): Promise<readonly Party[]>;
  /** One of them, looked up in the list; no call for a single one is documented. Undefined when there is none. */
  find(identifier: string, options?: CallOptions): Promise<Party | undefined>;
  /**
   * Creates one. Sent once; look with `find` after an answer that was lost. What is left out takes the service's
   * defaults, among them triple DES and SHA-1: name better ones.
   *
   * @throws UnprocessableError (422) with the reasons of the service: read them with `fieldErrors(error)`.
   * @example
   * await gateway.partners.create({
   *   identifier: 'ACME', name: 'Acme', url: 'https://as2.acme.example/', encryptionCertificate: pem,
   *   encryptionAlgorithm: 'AES256_CBC', signatureAlgorithm: 'SHA256',
   * });
   */
  create(partner: NewPartner, options?: CallOptions): Promise<PartyReceipt>;
  /**
   * Changes what is given and nothing else (product version 3.14.4 and later). The AS2 identifier itself cannot be
   * changed over REST.
   *
   * @throws UnprocessableError (422) as `create`; NotFoundError.
   * @example await gateway.partners.update('ACME', { url: 'https://as2.acme.example/new' });
   */
  update(identifier: string, changes: PartnerChanges, options?: CallOptions): Promise<PartyReceipt>;
}

/** Builds the resource over its operations. */
export function createPartners(
  operations: PartyOperations,
  { transport }: Pick<ResourceContext, 'transport'>,
): Partners {
  const list = (options?: CallOptions) => transport.call(operations.listPartners, undefined, options);
  return {
    list,
    find: async (wanted, options) => (await list(options)).find(({ identifier }) => identifier === wanted),
    create: (partner, options) => transport.call(operations.createPartner, partner, options),
    update: (identifier, changes, options) =>
      transport.call(operations.updatePartner, { ...changes, identifier }, options),
  };
}
