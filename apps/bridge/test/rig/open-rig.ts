import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { As2GatewayClient } from '@mft-bridge/as2-gateway-client';
import type { As2GatewaySandbox, MetaDefenderSandbox } from '@mft-bridge/sandbox';
import { startAs2GatewaySandbox, startMetaDefenderSandbox } from '@mft-bridge/sandbox';
import type { ConfigChanges, RigConfig } from './rig-config';
import { writeRigConfig } from './rig-config';

/** Both services as real servers, and a configuration for a bridge between them. */
export interface Rig {
  readonly directory: string;
  readonly gateway: As2GatewaySandbox;
  readonly scanner: MetaDefenderSandbox;
  readonly config: RigConfig;
  /** Ids that stand unread at the gateway. */
  unread(): Promise<readonly string[]>;
  /** As a person does it in another program. */
  markUnread(id: string): Promise<void>;
  close(): Promise<void>;
}

export interface RigOptions {
  readonly changes?: ConfigChanges;
  /** Epoch ms, as the gateway has it. */
  readonly gatewayClock?: () => number;
  /** Addresses that stand between the bridge and the services. */
  readonly between?: (services: { gateway: As2GatewaySandbox; scanner: MetaDefenderSandbox }) => Promise<{
    readonly gatewayUrl?: string;
    readonly scannerUrl?: string;
  }>;
}

export async function openRig({
  changes = {},
  gatewayClock = Date.now,
  between,
}: RigOptions = {}): Promise<Rig> {
  const directory = await mkdtemp(join(tmpdir(), 'bridge-rig-'));
  const gateway = await startAs2GatewaySandbox({
    sendDelayMs: 120,
    outboxHiddenMs: 20,
    clock: gatewayClock,
  });
  const scanner = await startMetaDefenderSandbox({ scanTimeMs: 30 });
  const { gatewayUrl = gateway.url, scannerUrl = scanner.url } =
    (await between?.({ gateway, scanner })) ?? {};
  const { tokenId, tokenSecret } = gateway.credentials;
  const services = { gatewayUrl, scannerUrl, tokenId, tokenSecret, apiKey: scanner.apiKey };
  const config = await writeRigConfig(directory, services, changes);
  const client = new As2GatewayClient({ baseUrl: gateway.url, auth: { tokenId, tokenSecret }, limit: false });
  return {
    directory,
    gateway,
    scanner,
    config,
    async unread() {
      return (await client.inbox.list({ station: 'HUB' })).ids;
    },
    markUnread: (id) => client.inbox.markUnread(id),
    async close() {
      await client.close();
      await gateway.close();
      await scanner.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
