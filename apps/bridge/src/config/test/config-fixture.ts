import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../config-error';
import { loadConfig } from '../load';
import type { BridgeConfig } from '../schema';

export const env = {
  KEY: 'canary-api-key',
  ID: 'canary-token-id',
  SECRET: 'canary-token-secret',
  TOKEN: 'canary-web-token-16',
};

/** Line numbers matter to the tests below. */
export const valid = `gateway:
  baseUrl: http://127.0.0.1:9000/
  auth: { tokenId: { env: ID }, tokenSecret: { env: SECRET } }
  stations: [HUB, SPOKE]
scanner:
  baseUrl: https://scanner.example:8010
  auth: { apiKey: { env: KEY } }
intake:
  startFrom: 2026-01-31
destinations:
  warehouse: { kind: as2, from: HUB, to: WAREHOUSE }
  archive: { kind: folder, directory: out, maxBytes: 1GiB }
routes:
  - name: orders
    match: { partner: ACME }
    destinations: [warehouse]
  - { name: rest, destinations: [archive] }
web:
  private: { port: 0, token: { env: TOKEN } }
`;

/** A directory with a configuration in it, made anew for each test of the file that calls this. */
export function configFixture(): {
  readonly directory: string;
  readonly file: string;
  load(source: string, environment?: Record<string, string>): Promise<BridgeConfig>;
  problems(source: string, environment?: Record<string, string>): Promise<string[]>;
} {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'config-test-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  async function load(source: string, environment: Record<string, string> = env): Promise<BridgeConfig> {
    const file = join(directory, 'bridge.yaml');
    writeFileSync(file, source);
    return loadConfig(file, environment);
  }

  /** What is wrong, as `line:column path: text`. */
  async function problems(source: string, environment?: Record<string, string>): Promise<string[]> {
    try {
      await load(source, environment);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.problems.map(({ line, column, path, text }) => `${line}:${column} ${path}: ${text}`);
    }
    throw new Error('the configuration was taken');
  }

  return {
    load,
    problems,
    get directory() {
      return directory;
    },
    get file() {
      return join(directory, 'bridge.yaml');
    },
  };
}

/** The valid one with a text replaced; fails if it is not there. */
export function having(text: string, instead: string): string {
  expect(valid).toContain(text);
  return valid.replace(text, instead);
}
