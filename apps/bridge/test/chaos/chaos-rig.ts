import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { As2GatewayClient } from '@mft-bridge/as2-gateway-client';
import type { As2GatewaySandbox, MetaDefenderSandbox, SandboxClock } from '@mft-bridge/sandbox';
import { createSandboxClock, startAs2GatewaySandbox, startMetaDefenderSandbox } from '@mft-bridge/sandbox';
import type { LedgerReader } from '../../src/ledger/ledger-reader';
import { LedgerUnavailableError } from '../../src/ledger/ledger-unavailable-error';
import type { RigConfig } from '../rig/rig-config';
import { writeRigConfig } from '../rig/rig-config';
import type { Canaries } from './canaries';
import { makeCanaries } from './canaries';
import type { BridgeKeeper } from './keep-bridge';
import { keepBridge } from './keep-bridge';
import type { ChaosLedger, MakeLedger } from './ledger/chaos-ledger';
import type { CommandEnd } from './run-command';
import { runCommand } from './run-command';

/** What a force wants to be different from the defaults below: sections of the configuration. */
export type Changes = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface ChaosRigOptions {
  readonly script: string;
  readonly seed: number;
  readonly makeLedger: MakeLedger;
  /** Where the bridge keeps all that it keeps; a directory of its own by default. */
  readonly directory?: string;
  readonly changes?: Changes;
  /** Custody and its keys are where each bridge reaches them. */
  readonly isShared?: boolean;
  /** What a bridge may say when it ends by itself; by default it never may. */
  readonly mayEnd?: RegExp;
}

export interface FellowOptions {
  /** Variables that are others than those of the first bridge. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Both services and a bridge as a process, with secrets that are canaries. */
export interface ChaosRig {
  readonly directory: string;
  readonly gateway: As2GatewaySandbox;
  readonly scanner: MetaDefenderSandbox;
  readonly gatewayClock: SandboxClock;
  readonly scannerClock: SandboxClock;
  readonly config: RigConfig;
  readonly ledger: ChaosLedger;
  readonly canaries: Canaries;
  readonly bridge: BridgeKeeper;
  /** One more bridge, over the same ledger and custody; not started yet. */
  fellow(name: string, options?: FellowOptions): Promise<BridgeKeeper>;
  /** Ids that stand unread at the gateway, asked as any other client would. */
  unread(): Promise<readonly string[]>;
  /** A look into the ledger; undefined where there is none yet, or its server cannot be reached. */
  withLedger<T>(look: (reader: LedgerReader) => Promise<T>): Promise<T | undefined>;
  /** Runs a command of the program on the same configuration. */
  command(words: readonly string[], killAfterMs?: number): Promise<CommandEnd>;
  close(): Promise<void>;
}

/** Partners that send, by what becomes of their messages (see `routes`). */
export const senders = {
  toPartner: 'ACME',
  toFolder: 'GLOBEX',
  toBoth: 'INITECH',
  toResent: 'HOOLI',
} as const;

/** The one AS2 destination whose route sends again what is unknown: there, a second copy is no violation. */
export const resentPartner = 'SHOP';

const route = (
  name: string,
  partner: string,
  destinations: readonly string[],
  onUnknown = 'hold',
): object => ({
  name,
  match: { partner },
  destinations,
  onUnknown,
});

export async function openChaosRig(options: ChaosRigOptions): Promise<ChaosRig> {
  const { script, seed, makeLedger, changes = {}, isShared = false, mayEnd } = options;
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'chaos-')));
  const canaries = makeCanaries();
  const { tokenId, tokenSecret, apiKey } = canaries;
  const [gatewayClock, scannerClock] = [createSandboxClock(), createSandboxClock()];
  const gateway = await startAs2GatewaySandbox({
    seed,
    clock: gatewayClock.now,
    credentials: { tokenId, tokenSecret },
    partners: [...Object.values(senders), 'WAREHOUSE', resentPartner],
    sendDelayMs: 120,
    outboxHiddenMs: 20,
  });
  const scanner = await startMetaDefenderSandbox({
    seed,
    clock: scannerClock.now,
    apiKeys: [apiKey],
    scanTimeMs: 30,
  });
  const urls = { gatewayUrl: gateway.url, scannerUrl: scanner.url };
  const written = await writeRigConfig(directory, { ...urls, tokenId, tokenSecret, apiKey });
  const { dataDirectory } = written;
  const ledger = await makeLedger({ dataDirectory, password: canaries.ledgerPassword });
  const config = {
    ...written,
    env: {
      ...written.env,
      ...ledger.env,
      RIG_WEB_TOKEN: canaries.webToken,
      RIG_HOOK: canaries.webhookSecret,
    },
  };
  const shared = {
    shared: true,
    directory: config.custodyDirectory,
    keyFile: join(dataDirectory, 'custody-key.json'),
  };
  await widen(config, { ledger: ledger.section, ...(isShared ? { custody: shared } : {}), ...changes });
  // Not where the bridge keeps its things: that disk may be full, or cut off.
  const outside = await mkdtemp(join(tmpdir(), 'chaos-control-'));
  const preload = new URL('preload.mjs', import.meta.url).href;
  const keepers: BridgeKeeper[] = [];
  async function keep(name: string, configFile: string, env: FellowOptions['env'] = {}) {
    const control = join(outside, `${name}.json`);
    await writeFile(control, '{}');
    const keeper = keepBridge({
      script,
      configFile,
      env: { ...config.env, ...env, CHAOS_CONTROL: control, NODE_OPTIONS: `--import=${preload}` },
      control,
      canaries,
      ...(mayEnd === undefined ? {} : { mayEnd }),
    });
    keepers.push(keeper);
    return keeper;
  }
  const bridge = await keep('first', config.file);
  const client = new As2GatewayClient({ baseUrl: gateway.url, auth: { tokenId, tokenSecret }, limit: false });
  return {
    directory,
    gateway,
    scanner,
    gatewayClock,
    scannerClock,
    config,
    ledger,
    canaries,
    bridge,
    async fellow(name, { env } = {}) {
      const first = await readConfig(config.file);
      const file = join(directory, `bridge-${name}.yaml`);
      const other = { ...first, dataDirectory: `${dataDirectory}-${name}` };
      await writeFile(file, JSON.stringify(other, null, 2));
      return keep(name, file, env);
    },
    async unread() {
      const all: string[] = [];
      for (let page = 0; ; page += 1) {
        const { ids } = await client.inbox.list({ station: 'HUB', page, pageLength: 100 });
        all.push(...ids);
        if (ids.length < 100) return all;
      }
    },
    async withLedger(look) {
      const reader = await ledger.openReader().catch(() => undefined);
      if (reader === undefined) return undefined;
      try {
        return await look(reader);
      } catch (error) {
        if (error instanceof LedgerUnavailableError) return undefined;
        throw error;
      } finally {
        await reader.close();
      }
    },
    command: (words, killAfterMs) =>
      runCommand([...words, '--config', config.file], {
        script,
        env: config.env,
        ...(killAfterMs === undefined ? {} : { killAfterMs }),
      }),
    async close() {
      for (const keeper of keepers) await keeper.abandon();
      await client.close();
      await gateway.close();
      await scanner.close();
      await ledger.close();
      await rm(outside, { recursive: true, force: true });
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}

async function readConfig(file: string): Promise<Record<string, Record<string, unknown>>> {
  return JSON.parse(await readFile(file, 'utf8')) as Record<string, Record<string, unknown>>;
}

/** Destinations and routes of all kinds, a sweep that is due often, and intents that end soon. */
async function widen({ file }: RigConfig, changes: Changes): Promise<void> {
  const config = await readConfig(file);
  const sections: Changes = {
    intake: { pollInterval: '150ms', sweepInterval: '2s', concurrency: 8 },
    scanner: { concurrency: 8, poll: { first: '20ms', max: '500ms', perSecond: 1000 } },
    delivery: { confirmPoll: '50ms', sendWithin: '5s', concurrency: 8 },
    destinations: { shop: { kind: 'as2', from: 'HUB', to: resentPartner } },
  };
  for (const part of [sections, changes])
    for (const [name, fields] of Object.entries(part)) config[name] = { ...config[name], ...fields };
  const routes = [
    route('orders', senders.toPartner, ['warehouse']),
    route('files', senders.toFolder, ['drive']),
    route('both', senders.toBoth, ['warehouse', 'drive']),
    route('resent', senders.toResent, ['shop'], 'resend'),
  ];
  await writeFile(file, JSON.stringify({ ...config, routes }, null, 2));
}
