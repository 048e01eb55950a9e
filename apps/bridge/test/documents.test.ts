/** The configurations in the documents are ones that the bridge takes, and what the documents name is there. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { loadConfig } from '../src/config/load';
import type { BridgeConfig } from '../src/config/schema';

const docs = resolve(__dirname, '../../../docs');
const env = {
  MFT_GATEWAY_TOKEN_ID: 'id',
  MFT_GATEWAY_TOKEN_SECRET: 'secret',
  METADEFENDER_API_KEY: 'key',
  MFT_BRIDGE_API_TOKEN: '0123456789abcdef',
  MFT_BRIDGE_LEDGER_URL: 'postgres://mft_bridge:secret@db.example.com:5432/mft',
  MFT_BRIDGE_BUCKET_KEY_ID: 'id',
  MFT_BRIDGE_BUCKET_KEY: 'secret',
};

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'documents-test-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const blocks = (file: string): readonly string[] =>
  [...readFileSync(join(docs, file), 'utf8').matchAll(/```yaml\n(.*?)```/gs)].map(([, block = '']) => block);

async function load(text: string): Promise<BridgeConfig> {
  const file = join(directory, 'bridge.yaml');
  writeFileSync(file, text);
  return loadConfig(file, env);
}

test('the configuration for several machines, with a bucket and with a shared directory', async () => {
  const [whole = '', custody = ''] = blocks('several-machines.md');
  const { ledger, custody: store } = await load(whole);
  expect(ledger.postgres).toMatchObject({ singleNode: false, tls: 'verify', name: 'bridge-1' });
  expect(store.bucket).toMatchObject({ bucket: 'acme-mft-custody' });
  const shared = await load(`${whole.replace(/^custody:\n(?: .*\n)+/m, '')}${custody}`);
  expect(shared.custody).toMatchObject({ bucket: null, shared: true, directory: '/mnt/mft-custody' });
});

test('links between the documents lead somewhere', () => {
  const readme = resolve(docs, '../README.md');
  const files = [readme, ...readdirSync(docs).map((name) => join(docs, name))];
  const broken = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\]\(([^)#:]+?)(?:#([^)]*))?\)/g)]
      .filter(([, path = '', anchor]) => {
        const target = resolve(dirname(file), path);
        return !existsSync(target) || (anchor !== undefined && !anchors(target).includes(anchor));
      })
      .map(([link]) => `${file}: ${link}`),
  );
  expect(broken).toEqual([]);
});

/** As GitHub makes them of headings. */
function anchors(file: string): readonly string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
