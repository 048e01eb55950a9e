import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from './load';
import type { BridgeConfig } from './schema';

const example = join(__dirname, '../../bridge.example.yaml');
const source = readFileSync(example, 'utf8');
const env = {
  MFT_GATEWAY_TOKEN_ID: 'id',
  MFT_GATEWAY_TOKEN_SECRET: 'secret',
  METADEFENDER_API_KEY: 'key',
  MFT_BRIDGE_API_TOKEN: '0123456789abcdef',
};

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'example-test-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function load(text: string): Promise<BridgeConfig> {
  const file = join(directory, 'bridge.yaml');
  writeFileSync(file, text);
  return loadConfig(file, env);
}

/** Every key of a configuration, however deep; names that the user chooses are not keys. */
function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
}

const derived = new Set(['file', 'ca', 'warehouse', 'archive']);

test('loads without a problem', async () => {
  const config = await loadConfig(example, env);
  expect(config.routes.map(({ name }) => name)).toEqual(['orders', 'everything-else']);
});

test('names every key that there is', async () => {
  const keys = keysOf(await load(source)).filter((key) => !derived.has(key));
  expect(keys.length).toBeGreaterThan(50);
  expect(keys.filter((key) => !new RegExp(`(^|[ {#])${key}:`, 'm').test(source))).toEqual([]);
});

test('what stands behind a commented key is its default', async () => {
  const plain = await load(source);
  const keys = new Set(keysOf(plain));
  // Examples and alternatives, which are no defaults.
  const example =
    /proxy\.example|noProxy|private-ca|subject: Cleared|# of one file|bridge@example|gateway-password|postgres:|ledger-ca|bucket|custody-cache|^ {2}# auth:|^ {2}# {1,3}(public:|host: 0|port: 8481|secrets:)/;
  const lines = source.split('\n').map((line) => {
    const [, before, content = '', key = ''] = /^(\s*)# ?((?:\s*)(\w+):.*)$/.exec(line) ?? [];
    return keys.has(key) && !example.test(line) ? `${before ?? ''}${content}` : line;
  });
  const uncommented = lines.join('\n').replace('egress:\n', '# egress:\n');
  const added = uncommented.split('\n').filter((line, index) => line !== source.split('\n')[index]);
  expect(added.length).toBeGreaterThan(40);
  const strip = (config: BridgeConfig): unknown => JSON.parse(JSON.stringify(config));
  expect(strip(await load(uncommented))).toEqual(strip(plain));
});
