import { isIP } from 'node:net';

/** Whether a URL leads to another machine without TLS. */
export function isPlainHttp(value: string): boolean {
  if (!URL.canParse(value.trim())) return false;
  const { protocol, hostname } = new URL(value.trim());
  const loopback =
    hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'));
  return protocol === 'http:' && !loopback;
}
