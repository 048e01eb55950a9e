import type { UrlRules } from '@mft-bridge/http-transport';

/** Pre-signed addresses point to Amazon S3. */
const DEFAULT_HOSTS = ['*.amazonaws.com'];

/** Which pre-signed addresses may be fetched, whatever an answer contains. */
export function downloadRules(
  baseUrl: string,
  hosts: readonly string[] = DEFAULT_HOSTS,
): Omit<UrlRules, 'operation'> {
  const allowLoopbackHttp = isLoopback(baseUrl);
  // A gateway on this machine is a sandbox, and its files are on this machine too. From any other gateway an
  // address on loopback is an attempt to read what runs beside us.
  return {
    hosts: allowLoopbackHttp ? [...hosts, 'localhost', '127.0.0.1', '[::1]'] : hosts,
    allowLoopbackHttp,
  };
}

function isLoopback(baseUrl: string): boolean {
  if (!URL.canParse(baseUrl)) return false;
  const { hostname } = new URL(baseUrl);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
