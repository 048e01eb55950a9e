import type * as sandboxModule from '@mft-bridge/sandbox';
import type { As2GatewaySandbox, As2GatewaySandboxOptions } from '@mft-bridge/sandbox';
import { As2GatewayClient } from '../client';
import type { As2GatewayClientOptions } from '../client-options';

/** How both sides of the test are made. */
export interface TestGatewayOptions {
  /** Of the gateway: names of which generation, stations, partners, what becomes of a submit … */
  readonly sandbox?: As2GatewaySandboxOptions;
  /** Of its clients. */
  readonly client?: Partial<As2GatewayClientOptions>;
}

/** A gateway on this machine and a client of it, both by one clock that the test moves. */
export interface TestGateway {
  /** Plays the partners, and counts the calls. */
  readonly sandbox: As2GatewaySandbox;
  /** Logged in by an API token; without a limit of requests, with short pauses between retries. */
  readonly gateway: As2GatewayClient;
  /** Milliseconds since 1970, by the clock of the test. */
  now(): number;
  /** Lets time pass for gateway and clients: tokens end, addresses die, queued messages are sent. */
  advance(ms: number): void;
  /** Another client of the same gateway. */
  connect(options?: Partial<As2GatewayClientOptions>): As2GatewayClient;
  /** Ends all of it. */
  close(): Promise<void>;
}

/**
 * Starts MFT Gateway as a local server, and a client of it. Needs the package `@mft-bridge/sandbox`.
 *
 * @throws Error when that package is not installed.
 * @example
 * const test = await startTestGateway();
 * await test.sandbox.partner('ACME').send({ attachments: [{ name: 'a.xml', content: Buffer.from('<a/>') }] });
 * await yourCode(test.gateway);
 * await test.close();
 */
export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const { startAs2GatewaySandbox } = await loadSandbox();
  let passed = 0;
  const now = () => Date.now() + passed;
  const sandbox = await startAs2GatewaySandbox({ clock: now, ...options.sandbox });
  const { tokenId, tokenSecret } = sandbox.credentials;
  const clients: As2GatewayClient[] = [];
  const connect = (more: Partial<As2GatewayClientOptions> = {}) => {
    const client = new As2GatewayClient({
      baseUrl: sandbox.url,
      auth: { tokenId, tokenSecret },
      limit: false,
      now,
      retry: { baseMs: 1, capMs: 2 },
      ...options.client,
      ...more,
    });
    clients.push(client);
    return client;
  };
  return {
    sandbox,
    gateway: connect(),
    now,
    advance: (ms) => void (passed += ms),
    connect,
    async close() {
      for (const client of clients) await client.close();
      await sandbox.close();
    },
  };
}

// An optional peer, loaded when it is needed: the builders of this entry do without it.
async function loadSandbox(): Promise<typeof sandboxModule> {
  try {
    return await import('@mft-bridge/sandbox');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    throw new Error(
      'startTestGateway needs the package @mft-bridge/sandbox. Install it: npm i -D @mft-bridge/sandbox',
      {
        cause: error,
      },
    );
  }
}
