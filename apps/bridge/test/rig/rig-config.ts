import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LedgerReader } from '../../src/ledger/ledger-reader';

type Section = Readonly<Record<string, unknown>>;

/** What a test wants to be different; each section is laid over the one below. */
export interface ConfigChanges {
  readonly gateway?: Section;
  readonly scanner?: Section;
  readonly intake?: Section;
  readonly custody?: Section;
  readonly delivery?: Section;
  readonly route?: Section;
  readonly retention?: Section;
  readonly log?: Section;
  readonly web?: Section;
  readonly ledger?: Section;
  /** More variables that the bridge finds. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface RigServices {
  readonly gatewayUrl: string;
  readonly scannerUrl: string;
  readonly tokenId: string;
  readonly tokenSecret: string;
  readonly apiKey: string;
}

export interface RigConfig {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  readonly dataDirectory: string;
  readonly ledgerFile: string;
  readonly custodyDirectory: string;
  /** Looks into the ledger where it is no file. */
  readonly openReader?: () => Promise<LedgerReader>;
  /** Destination of what GLOBEX sends; what ACME sends goes on to WAREHOUSE. */
  readonly folder: string;
}

/** Largest message of the AS2 destination, in bytes. */
export const as2MaxBytes = 100_000;

/** Writes a configuration with intervals as short as a test wants them. JSON is YAML. */
export async function writeRigConfig(
  directory: string,
  services: RigServices,
  changes: ConfigChanges = {},
): Promise<RigConfig> {
  const dataDirectory = join(directory, 'data');
  const folder = join(directory, 'shared-drive');
  await mkdir(folder, { recursive: true });
  const env = {
    RIG_TOKEN_ID: services.tokenId,
    RIG_TOKEN_SECRET: services.tokenSecret,
    RIG_API_KEY: services.apiKey,
    RIG_WEB_TOKEN: 'only-for-this-test-0123456789',
    RIG_WEBHOOK_SECRET: 'canary-webhook-of-the-rig',
    ...changes.env,
  };
  const config = {
    dataDirectory,
    gateway: {
      baseUrl: services.gatewayUrl,
      auth: { tokenId: { env: 'RIG_TOKEN_ID' }, tokenSecret: { env: 'RIG_TOKEN_SECRET' } },
      stations: ['HUB'],
      requestsPerSecond: false,
      ...changes.gateway,
    },
    scanner: {
      baseUrl: services.scannerUrl,
      auth: { apiKey: { env: 'RIG_API_KEY' } },
      selfTest: { enabled: false },
      poll: { first: '20ms', max: '200ms', perSecond: 500 },
      ...changes.scanner,
    },
    intake: { startFrom: '2020-01-01', pollInterval: '100ms', ...changes.intake },
    custody: { minFreeBytes: 0, ...changes.custody },
    destinations: {
      warehouse: { kind: 'as2', from: 'HUB', to: 'WAREHOUSE', maxBytes: as2MaxBytes },
      drive: { kind: 'folder', directory: folder },
    },
    routes: [
      {
        name: 'orders',
        match: { partner: 'ACME' },
        destinations: ['warehouse'],
        onUnknown: 'resend',
        ...changes.route,
      },
      { name: 'files', match: { partner: 'GLOBEX' }, destinations: ['drive'] },
    ],
    delivery: {
      settle: '300ms',
      confirmPoll: '30ms',
      retry: { base: '30ms', max: '300ms' },
      ...changes.delivery,
    },
    retention: changes.retention ?? {},
    ...(changes.ledger === undefined ? {} : { ledger: changes.ledger }),
    web: { private: { port: 0, token: { env: 'RIG_WEB_TOKEN' } }, ...changes.web },
    log: { level: 'info', ...changes.log },
  };
  const file = join(directory, 'bridge.yaml');
  await writeFile(file, JSON.stringify(config, null, 2));
  return {
    file,
    env,
    dataDirectory,
    ledgerFile: join(dataDirectory, 'ledger.sqlite'),
    custodyDirectory: join(dataDirectory, 'custody'),
    folder,
  };
}
