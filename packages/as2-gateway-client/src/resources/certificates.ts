import { isNotFoundError, ResponseShapeError } from '@mft-bridge/http-transport';
import type { CallOptions } from '@mft-bridge/http-transport';
import type { CertificateOperations, CertificateQuery } from '../operations/certificates';
import type { Certificate, CertificateEntry } from '../schemas/certificate';
import type { ResourceContext } from './resource-context';

/**
 * The certificates that the gateway holds. Creating one over REST exists since product version 3.14.4, but the call
 * is not documented: `gateway.request` reaches it once you know it.
 */
export interface Certificates {
  /**
   * Aliases and kinds, of one kind or of all.
   *
   * @example const entries = await gateway.certificates.list({ type: 'PARTNER' });
   */
  list(query?: CertificateQuery, options?: CallOptions): Promise<readonly CertificateEntry[]>;
  /**
   * One certificate, with its expiry as a Date.
   *
   * @throws NotFoundError when there is none of this alias.
   * @example const { expiry } = await gateway.certificates.get('hub-2026');
   */
  get(alias: string, options?: CallOptions): Promise<Certificate>;
  /**
   * Every certificate with its fields: one call for the list, one for each. One deleted meanwhile is left out.
   *
   * @example
   * for await (const { alias, expiry } of gateway.certificates.all())
   *   if (expiry && expiry.getTime() - Date.now() < 30 * 86_400_000) console.warn(alias, expiry);
   */
  all(query?: CertificateQuery, options?: CallOptions): AsyncGenerator<Certificate>;
}

/** Builds the resource over its operations. */
export function createCertificates(
  operations: CertificateOperations,
  { transport }: Pick<ResourceContext, 'transport'>,
): Certificates {
  async function getUnlessGone(alias: string, options?: CallOptions): Promise<Certificate | undefined> {
    try {
      return await certificates.get(alias, options);
    } catch (error) {
      if (isNotFoundError(error)) return undefined;
      throw error;
    }
  }

  const certificates: Certificates = {
    async list(query = {}, options) {
      const entries = await transport.call(operations.list, query, options);
      // Of an answer that was not filtered, what was not asked for is dropped here.
      return entries.filter(
        ({ type }) => query.type === undefined || type === undefined || type === query.type,
      );
    },
    async get(alias, options) {
      const certificate = await transport.call(operations.get, { alias }, options);
      if (certificate.alias !== undefined && certificate.alias !== alias) throw otherCertificate();
      return { ...certificate, alias };
    },
    async *all(query = {}, options) {
      for (const entry of await certificates.list(query, options)) {
        const certificate = await getUnlessGone(entry.alias, options);
        if (certificate) yield { ...entry, ...certificate };
      }
    },
  };
  return certificates;
}

function otherCertificate(): ResponseShapeError {
  return new ResponseShapeError({
    operation: 'certificates.get',
    status: 200,
    message:
      'certificates.get: the service answered with another certificate than the one that was asked for.',
    hint: 'Nothing of the answer was used. Repeat the call; if it stays so, report it to the vendor.',
    issues: [{ path: 'alias', code: 'other_certificate' }],
  });
}
