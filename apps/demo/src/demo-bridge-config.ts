import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxHealth } from './sandbox-api';

export interface DemoBridge {
  readonly configFile: string;
  readonly url: string;
  readonly token: string;
  readonly folder: string;
}

/**
 * Writes the demo's bridge.yaml. It differs from what anybody would run in three things: short poll intervals, no limit
 * of requests, and `onUnknown: resend`, which is safe on the sandbox since a search of its boxes is complete.
 */
export function writeDemoConfig(
  directory: string,
  { gateway, scanner }: SandboxHealth,
  port: number,
): DemoBridge {
  const secrets = join(directory, 'secrets');
  const folder = join(directory, 'shared-drive');
  mkdirSync(secrets, { recursive: true, mode: 0o700 });
  mkdirSync(folder, { recursive: true });
  const secret = (name: string, value: string): string => {
    const file = join(secrets, name);
    writeFileSync(file, value, { mode: 0o600 });
    return `{ file: ${JSON.stringify(file)} }`;
  };
  const token = randomBytes(24).toString('base64url');
  const configFile = join(directory, 'bridge.yaml');
  writeFileSync(
    configFile,
    `# Written by the demo: the bridge on the built-in sandbox.
dataDirectory: ${JSON.stringify(join(directory, 'data'))}
gateway:
  baseUrl: ${gateway.url}
  auth:
    tokenId: ${secret('gateway-token-id', gateway.credentials.tokenId)}
    tokenSecret: ${secret('gateway-token-secret', gateway.credentials.tokenSecret)}
  stations: [HUB]
  requestsPerSecond: false
scanner:
  baseUrl: ${scanner.url}
  auth:
    apiKey: ${secret('scanner-api-key', scanner.apiKey)}
  poll: { first: 200ms, max: 2s, perSecond: 50 }
intake:
  startFrom: 2026-01-01T00:00:00Z
  pollInterval: 500ms
custody:
  minFreeBytes: 300MB
destinations:
  warehouse: { kind: as2, from: HUB, to: WAREHOUSE }
  shared-drive: { kind: folder, directory: ${JSON.stringify(folder)} }
routes:
  - name: orders
    match: { partner: ACME }
    destinations: [warehouse]
    onUnknown: resend
  - name: files
    match: { partner: GLOBEX }
    destinations: [shared-drive]
delivery:
  settle: 2s
  confirmPoll: 300ms
  retry: { base: 200ms, max: 3s }
web:
  private:
    port: ${String(port)}
    token: ${secret('private-api-token', token)}
`,
    { mode: 0o600 },
  );
  return { configFile, url: `http://127.0.0.1:${String(port)}`, token, folder };
}
