import type * as sandboxModule from '@mft-bridge/sandbox';
import type { MetaDefenderSandbox, MetaDefenderSandboxOptions } from '@mft-bridge/sandbox';
import { MetaDefenderClient } from '../client';
import type { ClientOptions } from '../client-options';

/** How both sides of the test are made. */
export interface TestScannerOptions {
  /** Of the scanner: users, scan time, settings … */
  readonly sandbox?: MetaDefenderSandboxOptions;
  /** Of its clients. */
  readonly client?: Partial<ClientOptions>;
}

/** A scanner on this machine and a client of it, both by one clock that the test moves. */
export interface TestScanner {
  /** Scripts files, makes faults, counts the calls. */
  readonly sandbox: MetaDefenderSandbox;
  /** With an administrator's API key, and with short pauses between retries. */
  readonly md: MetaDefenderClient;
  /** epoch milliseconds, by the clock of the test */
  now(): number;
  /** Lets time pass for scanner and clients: sessions end, files expire, scans and locks are over. */
  advance(ms: number): void;
  /** Another client of the same scanner. */
  connect(options?: Partial<ClientOptions>): MetaDefenderClient;
  /** Ends all of it. */
  close(): Promise<void>;
  /** As `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts MetaDefender MFT as a local server, and a client of it. Needs the package `@mft-bridge/sandbox`.
 *
 * @throws Error when that package is not installed
 * @example
 * const test = await startTestScanner();
 * test.sandbox.script('*.exe', { verdict: 'blocked', reason: 'Infected' });
 * await yourCode(test.md);
 * await test.close();
 */
export async function startTestScanner(options: TestScannerOptions = {}): Promise<TestScanner> {
  const { startMetaDefenderSandbox } = await loadSandbox();
  let passed = 0;
  const now = (): number => Date.now() + passed;
  const sandbox = await startMetaDefenderSandbox({ clock: now, ...options.sandbox });
  const clients: MetaDefenderClient[] = [];
  const connect = (more: Partial<ClientOptions> = {}): MetaDefenderClient => {
    const client = new MetaDefenderClient({
      baseUrl: sandbox.url,
      auth: { apiKey: sandbox.apiKey },
      now,
      retry: { baseMs: 1, capMs: 2 },
      ...options.client,
      ...more,
    });
    clients.push(client);
    return client;
  };
  const close = async (): Promise<void> => {
    for (const client of clients) await client.close();
    await sandbox.close();
  };
  return {
    sandbox,
    md: connect(),
    now,
    advance: (ms) => void (passed += ms),
    connect,
    close,
    [Symbol.asyncDispose]: close,
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
      'startTestScanner needs the package @mft-bridge/sandbox. Install it: npm i -D @mft-bridge/sandbox',
      {
        cause: error,
      },
    );
  }
}
