import type { Certificates, CertificateType } from './certificates';
import type { FieldCheck, FieldError } from './field-checks';
import { checkFields, FieldsRefusedError } from './field-checks';
import type { GatewayState } from './gateway-state';
import type { Names } from './names';
import {
  PARTNER_CERTIFICATE_FIELDS,
  PARTNER_FIELDS,
  SELF_SIGNED_FIELDS,
  STATION_FIELDS,
} from './party-fields';

/** A request body, or a part of one. */
export type Body = Readonly<Record<string, unknown>>;

/** A station or a partner, as `GET` shows it: what was given, without certificates and passwords. */
export interface Party {
  readonly id: number;
  readonly identifier: string;
  readonly fields: Body;
}

/** Both sides of the gateway, as the REST API creates and lists them. */
export interface Parties {
  readonly stations: () => readonly Party[];
  readonly partners: () => readonly Party[];
  /** @throws FieldsRefusedError, as the others do. */
  createStation(body: Body): Party;
  createPartner(body: Body): Party;
  updatePartner(body: Body): Party;
}

const CERTIFICATE_TYPE_OF: Readonly<Record<string, CertificateType>> = {
  encryptionCertificate: 'PARTNER',
  signatureCertificate: 'PARTNER',
  httpsCertificate: 'HTTPS',
  encryptSignChainCertificates: 'PARTNER_CHAIN',
  httpsChainCertificates: 'HTTPS_CHAIN',
};

export function createParties(state: GatewayState, certificates: Certificates, names: Names): Parties {
  const stations = new Map<string, Party>();
  const partners = new Map<string, Party>();
  let lastId = 0;

  function remember(into: Map<string, Party>, identifier: string, fields: Body): Party {
    const party = { id: into.get(identifier)?.id ?? (lastId += 1), identifier, fields };
    into.set(identifier, party);
    return party;
  }

  for (const identifier of state.stations) {
    remember(stations, identifier, { name: identifier });
    certificates.addSelfSigned({ owner: identifier, type: 'STATION', commonName: identifier, years: 5 });
  }
  for (const { identifier, name = identifier } of state.partners.values()) {
    remember(partners, identifier, { name });
    certificates.addSelfSigned({ owner: identifier, type: 'PARTNER', commonName: identifier, years: 5 });
  }

  /** The identifier in one of the spellings, or what is wrong with it. */
  function readIdentifier(
    body: Body,
    taken: (identifier: string) => boolean = () => false,
    spellings: readonly string[] = names.accepted('party'),
  ): string | FieldError {
    const spelling = spellings.find((name) => body[name] !== undefined) ?? spellings[0] ?? '';
    const value = body[spelling];
    if (value === undefined) return { [spelling]: 'is required' };
    if (typeof value !== 'string' || value === '' || value.length > 128)
      return { [spelling]: 'must have 1 to 128 characters' };
    return taken(value) ? { [spelling]: `already exists: ${value}` } : value;
  }

  function checkStationCertificate(value: unknown): readonly FieldError[] {
    const body = (typeof value === 'object' && value !== null ? value : {}) as Body;
    switch (body['type']) {
      case 'NEW_SELF_SIGN_CERTIFICATE':
        return checkFields(body, SELF_SIGNED_FIELDS, Object.keys(SELF_SIGNED_FIELDS));
      case 'FROM_CERTIFICATE_STORE':
        return certificates.get(String(body['alias']))?.type === 'STATION'
          ? []
          : [{ alias: `Unable to find certificate with alias: ${String(body['alias'])}` }];
      case 'FROM_KEYSTORE':
        // No keystore is ever put into this bucket.
        return [{ keystore: `Unable to find keystore: ${String(body['keystore'])}` }];
      default:
        return [{ certificate: value === undefined ? 'is required' : 'has no known type' }];
    }
  }

  function keepPartner(identifier: string, fields: Body): Party {
    const { name, messageSubject, deleteAttachmentsOnSuccessMdn } = fields;
    state.partners.set(identifier, {
      ...state.partners.get(identifier),
      identifier,
      ...(typeof name === 'string' ? { name } : {}),
      ...(typeof messageSubject === 'string' ? { defaultSubject: messageSubject } : {}),
      ...(typeof deleteAttachmentsOnSuccessMdn === 'boolean' ? { deleteAttachmentsOnSuccessMdn } : {}),
    });
    return remember(partners, identifier, fields);
  }

  return {
    stations: () => [...stations.values()],
    partners: () => [...partners.values()],
    createStation(body) {
      const owner = readIdentifier(body, (given) => state.stations.includes(given));
      const errors = [
        ...(typeof owner === 'string' ? [] : [owner]),
        ...checkFields(body, STATION_FIELDS, ['name', 'email']),
        ...checkStationCertificate(body['certificate']),
      ];
      if (errors.length > 0 || typeof owner !== 'string')
        throw new FieldsRefusedError('Unable to create station', errors);
      const certificate = body['certificate'] as Body;
      const { type, alias, commonName, validity } = certificate;
      if (type === 'FROM_CERTIFICATE_STORE') certificates.get(String(alias))?.belongsTo.push(owner);
      else
        certificates.addSelfSigned({
          owner,
          type: 'STATION',
          commonName: String(commonName),
          years: Number(validity),
          more: certificate,
        });
      state.stations.push(owner);
      return remember(stations, owner, shown(body, STATION_FIELDS));
    },
    createPartner(body) {
      const owner = readIdentifier(body, (given) => state.partners.has(given));
      const required = ['encryptionCertificate'];
      if (body['useDiffCertAsSignCert'] === true) required.push('signatureCertificate');
      const errors = [
        ...(typeof owner === 'string' ? [] : [owner]),
        ...checkFields(body, PARTNER_FIELDS, ['name', 'url']),
        ...checkFields(body, PARTNER_CERTIFICATE_FIELDS, required),
      ];
      if (errors.length > 0 || typeof owner !== 'string')
        throw new FieldsRefusedError('Unable to create partner', errors);
      for (const [field, type] of Object.entries(CERTIFICATE_TYPE_OF))
        for (const encoded of [body[field]].flat())
          if (typeof encoded === 'string') certificates.addEncoded(encoded, { alias: owner, type, owner });
      return keepPartner(owner, shown(body, PARTNER_FIELDS));
    },
    updatePartner(body) {
      // Younger than the renaming: it has one spelling only.
      const owner = readIdentifier(body, undefined, ['identifier']);
      const errors = [
        ...(typeof owner === 'string' ? [] : [owner]),
        ...checkFields(body, PARTNER_FIELDS, []),
      ];
      const backup = ['httpsBackupCertificate', 'httpsBackupCertificateAlias'].some((name) => name in body);
      if (backup && typeof body['httpsBackupCertActiveTimeStamp'] !== 'number')
        errors.push({ httpsBackupCertActiveTimeStamp: 'is required' });
      if (errors.length > 0 || typeof owner !== 'string')
        throw new FieldsRefusedError('Unable to update partner', errors);
      const before = partners.get(owner);
      if (before === undefined)
        throw new FieldsRefusedError(`Unable to find partner with AS2 identifier: ${owner}`, []);
      return keepPartner(owner, { ...before.fields, ...shown(body, PARTNER_FIELDS) });
    },
  };
}

/** The fields of a table, as far as they were given. */
function shown(body: Body, fields: Readonly<Record<string, FieldCheck>>): Body {
  return Object.fromEntries(Object.entries(body).filter(([name]) => Object.hasOwn(fields, name)));
}
