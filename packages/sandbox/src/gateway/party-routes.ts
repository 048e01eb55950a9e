import type { Request } from 'express';
import type { RouteHandler, Routes } from '../routes';
import type { CertificateNames, Certificates, CertificateType } from './certificates';
import { CERTIFICATE_TYPES, certificateView } from './certificates';
import { FieldsRefusedError } from './field-checks';
import { sendJson } from './json';
import type { Names } from './names';
import type { Body, Parties, Party } from './parties';
import type { GatewayUndocumented } from './undocumented';
import { pathParam, queryText, RefusedError } from './query';
import { readJson } from './read-json';

/** What the calls on both sides of the gateway work with. */
export interface PartyRouteContext {
  readonly parties: Parties;
  readonly certificates: Certificates;
  readonly certificateNames: readonly CertificateNames[];
}

/** Stations, partners and certificates (reference, section 8). */
export function addPartyRoutes(
  routes: Routes,
  guarded: (handler: RouteHandler) => RouteHandler,
  parts: PartyRouteContext & { readonly names: Names; readonly lists: GatewayUndocumented['lists'] },
): void {
  const { parties, certificates, names, certificateNames } = parts;
  const named = parts.lists === 'named';
  const view = ({ identifier, fields }: Party): object => ({ ...names.put('party', identifier), ...fields });

  function add(method: 'GET' | 'POST' | 'PUT', template: string, handler: RouteHandler): void {
    routes.add(method, template, guarded(handler));
  }

  add('GET', '/station', (_request, response) => {
    const stations = parties.stations().map(view);
    sendJson(response, 200, named ? { stations } : stations);
  });
  add('POST', '/station', async (request, response) => {
    const { id } = parties.createStation(await readBody(request));
    sendJson(response, 200, { message: 'Station created successfully', stationId: id });
  });
  add('GET', '/partner', (request, response) => {
    const sftp = names.generation !== 'v1' && queryText(request, 'service') === 'sftp';
    const partners = sftp ? [] : parties.partners().map(view);
    sendJson(response, 200, named ? { partners } : partners);
  });
  add('POST', '/partner', async (request, response) => {
    const { id, identifier } = parties.createPartner(await readBody(request));
    sendJson(response, 200, {
      message: 'Partner created successfully',
      partnerId: id,
      // A public client of v2 takes an answer with this key for success.
      ...(names.generation === 'v1' ? {} : { identifier }),
    });
  });
  add('PUT', '/partner', async (request, response) => {
    // Documented as mandatory, unlike everywhere else.
    if (queryText(request, 'service') !== 'as2')
      throw new RefusedError(400, 'Invalid value for query parameter: service');
    const { id, identifier } = parties.updatePartner(await readBody(request));
    sendJson(response, 200, { message: 'Partner updated successfully', partnerId: id, identifier });
  });

  add('GET', '/certificate', (request, response) => {
    const type = queryText(request, 'certType');
    if (type !== undefined && !isCertificateType(type))
      throw new RefusedError(400, 'Invalid value for query parameter: certType');
    // A bare array, unlike all other lists.
    const found = certificates.list(type).map(({ alias, type: own }) => ({ alias, type: own }));
    sendJson(response, 200, found);
  });
  add('GET', '/certificate/{alias}', (request, response) => {
    const alias = pathParam(request, 'alias');
    const found = certificates.get(alias);
    if (found === undefined) throw new RefusedError(404, `Unable to find certificate with alias: ${alias}`);
    sendJson(response, 200, certificateView(found, certificateNames));
  });
  // That certificates can be created is documented; how, is not.
  add('POST', '/certificate', async (request, response) => {
    const { alias, certType = 'PARTNER', certificate } = await readBody(request);
    const errors = [
      ...(typeof alias === 'string' && alias !== '' ? [] : [{ alias: 'is required' }]),
      ...(isCertificateType(certType)
        ? []
        : [{ certType: `must be one of ${CERTIFICATE_TYPES.join(', ')}` }]),
    ];
    const added =
      errors.length === 0 && typeof certificate === 'string' && isCertificateType(certType)
        ? certificates.addEncoded(certificate, { alias: String(alias), type: certType })
        : undefined;
    if (added === undefined)
      throw new FieldsRefusedError('Unable to create certificate', [
        ...errors,
        ...(errors.length === 0 ? [{ certificate: 'is no certificate in base64' }] : []),
      ]);
    sendJson(response, 200, { message: 'Certificate created successfully', alias: added.alias });
  });
}

async function readBody(request: Request): Promise<Body> {
  const body = await readJson(request);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new RefusedError(400, 'Invalid request body');
  return body as Body;
}

function isCertificateType(value: unknown): value is CertificateType {
  return (CERTIFICATE_TYPES as readonly unknown[]).includes(value);
}
