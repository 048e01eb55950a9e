import type { Operation } from '@mft-bridge/http-transport';
import { z } from 'zod';
import { parseCertificate, parseCertificateList } from '../schemas/certificate';
import type { Certificate, CertificateEntry, CertificateType } from '../schemas/certificate';
import { as2Query } from './list-query';
import type { WireNames } from './wire-names';

/** Which certificates are listed. */
export interface CertificateQuery {
  /** Absent: all. */
  readonly type?: CertificateType | undefined;
}

/** The calls about certificates. */
export interface CertificateOperations {
  readonly list: Operation<CertificateQuery, readonly CertificateEntry[]>;
  readonly get: Operation<
    { readonly alias: string },
    Omit<Certificate, 'alias'> & { readonly alias?: string }
  >;
}

/** Declares them. */
export function certificateOperations(names: WireNames): CertificateOperations {
  return {
    list: {
      name: 'certificates.list',
      method: 'GET',
      path: '/certificate',
      safety: 'safe',
      input: z.strictObject({
        type: z.enum(['STATION', 'PARTNER', 'HTTPS', 'PARTNER_CHAIN', 'HTTPS_CHAIN']).optional(),
      }),
      encode: ({ type }) => ({ query: as2Query(names, { certType: type }) }),
      output: { parse: parseCertificateList },
    },
    get: {
      name: 'certificates.get',
      method: 'GET',
      path: '/certificate/{alias}',
      safety: 'safe',
      input: z.strictObject({ alias: z.string().min(1).refine(isSegment, 'cannot be addressed in a URL') }),
      encode: ({ alias }) => ({ params: { alias }, query: as2Query(names) }),
      output: { parse: parseCertificate },
    },
  };
}

function isSegment(alias: string): boolean {
  return alias !== '.' && alias !== '..' && !/\p{Surrogate}/u.test(alias);
}
