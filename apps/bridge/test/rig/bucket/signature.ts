import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a request carries the right AWS signature, version 4, in its header: for the requests that the server behind
 * does not know, or whose signature it computes over another path.
 */
export function isSigned(
  request: { readonly method: string; readonly url: URL; readonly headers: IncomingHttpHeaders },
  secretOf: (accessKeyId: string) => string | undefined,
): boolean {
  const { method, url, headers } = request;
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
  const [, accessKeyId = '', date = '', region = '', signed = '', signature = ''] = match ?? [];
  const secret = secretOf(accessKeyId);
  if (secret === undefined) return false;
  const query = [...url.searchParams]
    .map(([key, value]) => `${encode(key)}=${encode(value)}`)
    .sort()
    .join('&');
  const canonical = [
    method,
    url.pathname,
    query,
    ...signed.split(';').map((name) => `${name}:${String(headers[name] ?? '').trim()}`),
    '',
    signed,
    headers['x-amz-content-sha256'],
  ].join('\n');
  const scope = `${date}/${region}/s3/aws4_request`;
  const hashed = createHash('sha256').update(canonical).digest('hex');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hashed].join('\n');
  const key = [date, region, 's3', 'aws4_request'].reduce<Buffer | string>(mac, `AWS4${secret}`);
  return mac(key, text).toString('hex') === signature;
}

const mac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** As RFC 3986 has it, which encodes more than JavaScript does. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
