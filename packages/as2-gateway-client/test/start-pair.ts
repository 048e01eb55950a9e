import { startAs2GatewaySandbox } from '@mft-bridge/sandbox';
import type { As2GatewaySandbox, As2GatewaySandboxOptions } from '@mft-bridge/sandbox';
import { As2GatewayClient } from '../src/index';
import type { As2GatewayClientOptions } from '../src/index';

/** A gateway and a client of it, both by one clock that the test moves. */
export interface Pair {
  readonly sandbox: As2GatewaySandbox;
  readonly gateway: As2GatewayClient;
  /** Lets time pass for both. */
  advance(ms: number): void;
  /** Another client of the same gateway. */
  connect(options?: Partial<As2GatewayClientOptions>): As2GatewayClient;
  close(): Promise<void>;
}

export async function startPair(
  options: As2GatewaySandboxOptions = {},
  clientOptions: Partial<As2GatewayClientOptions> = {},
): Promise<Pair> {
  let offset = 0;
  const clock = () => Date.now() + offset;
  const sandbox = await startAs2GatewaySandbox({ sendDelayMs: 1000, outboxHiddenMs: 500, clock, ...options });
  const clients: As2GatewayClient[] = [];
  const connect = (more: Partial<As2GatewayClientOptions> = {}) => {
    const { tokenId, tokenSecret } = sandbox.credentials;
    const client = new As2GatewayClient({
      baseUrl: sandbox.url,
      auth: { tokenId, tokenSecret },
      limit: false,
      now: clock,
      retry: { baseMs: 1, capMs: 2 },
      ...clientOptions,
      ...more,
    });
    clients.push(client);
    return client;
  };
  return {
    sandbox,
    gateway: connect(),
    connect,
    advance: (ms) => void (offset += ms),
    async close() {
      for (const client of clients) await client.close();
      await sandbox.close();
    },
  };
}
