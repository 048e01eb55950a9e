import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxServices } from './sandbox-control';

/** What a bench sets on the bridge; everything else stands at its default. */
export interface BenchSettings {
  /** Messages fetched, files scanned and deliveries made at a time. */
  readonly concurrency: number;
  /** Its ledger is on a server, in this schema; a file where it is left out. */
  readonly postgres?: {
    readonly url: string;
    readonly schema: string;
    /** One bridge has it for itself; else several share it, and one custody. */
    readonly singleNode: boolean;
  };
}

export interface BenchPlaces {
  readonly directory: string;
  readonly folder: string;
  /** Of this bridge alone. */
  readonly dataDirectory: string;
  readonly port: number;
  readonly token: string;
  readonly services: SandboxServices;
}

/**
 * The bridge's configuration: ACME's messages go to the AS2 partner WAREHOUSE, GLOBEX's to a folder. No limit of
 * requests at the gateway and short intervals of polling, since what is measured is the bridge and not its courtesy.
 */
export function bridgeYaml(
  { directory, folder, dataDirectory, port, token, services: { gateway, scanner } }: BenchPlaces,
  { concurrency, postgres }: BenchSettings,
): string {
  const secret = (name: string, value: string): string => {
    const file = join(directory, name);
    writeFileSync(file, value, { mode: 0o600 });
    return `{ file: ${JSON.stringify(file)} }`;
  };
  const ledger = (): string => {
    if (postgres === undefined) return '';
    const { url, schema, singleNode } = postgres;
    const custody = JSON.stringify(join(directory, 'custody'));
    const keys = JSON.stringify(join(directory, 'keys.json'));
    return `ledger:
  postgres: { url: ${secret('ledger-url', url)}, tls: off, schema: ${schema}, singleNode: ${String(singleNode)}, beat: 1s }
custody: { directory: ${custody}, shared: ${String(!singleNode)}, keyFile: ${keys} }
`;
  };
  return `dataDirectory: ${JSON.stringify(dataDirectory)}
${ledger()}gateway:
  baseUrl: ${gateway.url}
  auth:
    tokenId: ${secret('gateway-token-id', gateway.credentials.tokenId)}
    tokenSecret: ${secret('gateway-token-secret', gateway.credentials.tokenSecret)}
  stations: [HUB]
  requestsPerSecond: false
scanner:
  baseUrl: ${scanner.url}
  auth: { apiKey: ${secret('scanner-api-key', scanner.apiKey)} }
  concurrency: ${String(concurrency)}
  poll: { first: 20ms, max: 250ms, perSecond: 1000 }
intake:
  startFrom: 2020-01-01T00:00:00Z
  pollInterval: 50ms
  concurrency: ${String(concurrency)}
destinations:
  warehouse: { kind: as2, from: HUB, to: WAREHOUSE }
  folder: { kind: folder, directory: ${JSON.stringify(folder)} }
routes:
  - { name: orders, match: { partner: ACME }, destinations: [warehouse] }
  - { name: files, match: { partner: GLOBEX }, destinations: [folder] }
delivery: { concurrency: ${String(concurrency)}, confirmPoll: 400ms }
web: { private: { port: ${String(port)}, token: ${secret('private-api-token', token)} } }
`;
}
