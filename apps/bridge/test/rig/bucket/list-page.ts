/**
 * The list of objects as version 2 of the request has it, made of version 1: the server behind enciphers where a page
 * ended by DES, which present versions of OpenSSL do not have.
 */
export interface ListPage {
  /** What to ask the server for. */
  readonly path: string;
  /** Its answer, with the mark of the next page. */
  complete(xml: string): string;
}

export function listPage(bucket: string, query: URLSearchParams, mostKeys: number): ListPage {
  const wanted = new URLSearchParams({
    prefix: query.get('prefix') ?? '',
    marker: query.get('continuation-token') ?? '',
    'max-keys': String(Math.min(mostKeys, Number(query.get('max-keys') ?? 1_000))),
  });
  return {
    path: `/${bucket}?${wanted.toString()}`,
    complete(xml) {
      const last = /<Key>([^<]+)<\/Key>(?!.*<Key>)/s.exec(xml)?.[1];
      if (last === undefined || !xml.includes('<IsTruncated>true</IsTruncated>')) return xml;
      const mark = `<NextContinuationToken>${last}</NextContinuationToken>`;
      return xml.replace('</ListBucketResult>', `${mark}</ListBucketResult>`);
    },
  };
}
