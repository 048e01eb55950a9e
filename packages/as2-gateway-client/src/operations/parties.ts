import type { Operation, RequestParts } from '@mft-bridge/http-transport';
import type { NewPartner } from '../parties/new-partner';
import { newStationSchema } from '../parties/new-station';
import type { NewStation } from '../parties/new-station';
import type { PartnerUpdate } from '../parties/partner-changes';
import { newPartnerSchema, partnerUpdateSchema } from '../parties/partner-schemas';
import { parseParties, parsePartyReceipt } from '../schemas/party';
import type { Party, PartyReceipt } from '../schemas/party';
import { as2Query } from './list-query';
import type { WireNames } from './wire-names';

/** The calls about stations and partners that are known. */
export interface PartyOperations {
  readonly listStations: Operation<undefined, readonly Party[]>;
  readonly createStation: Operation<NewStation, PartyReceipt>;
  readonly listPartners: Operation<undefined, readonly Party[]>;
  readonly createPartner: Operation<NewPartner, PartyReceipt>;
  readonly updatePartner: Operation<PartnerUpdate, PartyReceipt>;
}

/** Declares them. */
export function partyOperations(names: WireNames): PartyOperations {
  const body = ({ identifier, ...fields }: { readonly identifier: string }): RequestParts => ({
    query: as2Query(names),
    body: { json: { [names.party]: identifier, ...fields } },
  });
  return {
    listStations: {
      name: 'stations.list',
      method: 'GET',
      path: '/station',
      safety: 'safe',
      encode: () => ({ query: as2Query(names) }),
      output: { parse: (value) => parseParties('stations', value) },
    },
    createStation: {
      name: 'stations.create',
      method: 'POST',
      path: '/station',
      // A second one would be refused ("already exists"), and look as if the first had failed.
      safety: 'unsafe',
      input: newStationSchema,
      encode: body,
      output: { parse: parsePartyReceipt },
    },
    listPartners: {
      name: 'partners.list',
      method: 'GET',
      path: '/partner',
      safety: 'safe',
      encode: () => ({ query: as2Query(names) }),
      output: { parse: (value) => parseParties('partners', value) },
    },
    createPartner: {
      name: 'partners.create',
      method: 'POST',
      path: '/partner',
      safety: 'unsafe',
      input: newPartnerSchema,
      encode: body,
      output: { parse: parsePartyReceipt },
    },
    updatePartner: {
      name: 'partners.update',
      method: 'PUT',
      path: '/partner',
      safety: 'idempotent',
      input: partnerUpdateSchema,
      // `service` is documented as mandatory here, and the field is `identifier` in the only generation that has it.
      encode: (update) => ({ query: { service: 'as2' }, body: { json: update } }),
      output: { parse: parsePartyReceipt },
    },
  };
}
