/** `mft-bridge ledger verify --read-custody` over real objects: each of their bytes counts, and nothing is written. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Command } from 'commander';
import { openDirectoryCustody } from '../custody/directory-custody';
import { openKeyRing } from '../custody/key-ring';
import { openSqliteLedger } from '../ledger/sqlite-ledger';
import { sampleMessage, taking } from '../ledger/test/sample-message';
import { registerLedgerVerify } from './ledger-verify';

let directory: string;
let data: string;
let keys: readonly string[];
let clock = 0;
const content = Buffer.alloc(3_000_000, 'ISA*00*');

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ledger-verify-'));
  data = join(directory, '.mft-bridge');
  writeFileSync(
    join(directory, 'bridge.yaml'),
    `gateway: { auth: { username: u, password: { env: PASSWORD } }, stations: [HUB] }
scanner: { baseUrl: "https://scanner.example", auth: { apiKey: { env: KEY } } }
intake: { startFrom: 2026-01-31 }
destinations: { archive: { kind: folder, directory: out } }
routes: [{ name: all, destinations: [archive] }]
web: { private: { token: { env: TOKEN } } }
`,
  );
  const ledger = await openSqliteLedger({ file: join(data, 'ledger.sqlite'), now: () => 0 });
  const { ring } = await openKeyRing({
    path: join(data, 'custody-key.json'),
    holdsData: false,
    now: () => 0,
  });
  const custody = await openDirectoryCustody({
    directory: join(data, 'custody'),
    keyRing: ring,
    minFreeBytes: 0,
  });
  const sample = sampleMessage('m');
  const attachments = await Promise.all(
    sample.message.attachments.map(async (attachment) => {
      const { key, size, sha256 } = await custody.deposit(Readable.from([content]), { name: 'a.edi' });
      return { ...attachment, custodyKey: key, size, sha256 };
    }),
  );
  keys = attachments.map(({ custodyKey }) => custodyKey);
  const bytes = attachments.reduce((sum, { size }) => sum + size, 0);
  const events = sample.events.map((event) => (event.type === 'taken' ? { ...event, bytes } : event));
  await ledger.commit(taking({ ...sample, events, message: { ...sample.message, attachments } }));
  await custody.close();
  await ledger.close();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function verify(...args: string[]): Promise<{ out: string; err: string; code: number }> {
  const result = { out: '', err: '', code: 0 };
  const program = new Command('ledger');
  registerLedgerVerify(program, {
    stdout: { write: (text: string) => void (result.out += text) },
    stderr: { write: (text: string) => void (result.err += text) },
    env: {},
    now: () => (clock += 4_000),
    setExitCode: (code: number) => void (result.code = code),
    endWithin: () => undefined,
  });
  await program.parseAsync(['verify', '--config', join(directory, 'bridge.yaml'), ...args], { from: 'user' });
  return result;
}

const pathOf = (key = ''): string => join(data, 'custody', 'objects', key.slice(0, 2), key);
const files = (): unknown => readdirSync(join(data, 'custody'), { recursive: true }).sort();

test('reads all of every object, tells how far it is, and leaves custody as it is', async () => {
  const before = files();
  const { out, err, code } = await verify('--read-custody');
  expect({ out, code }).toEqual({
    out: 'ok: 1 messages, 1 events, 0 seals, 2 objects read (6 MB)\n',
    code: 0,
  });
  expect(err).toMatch(/^\d objects read \(.*\)\n/);
  expect(files()).toEqual(before);
});

test('one bit in the middle of an object is found by reading it, and by nothing else', async () => {
  const path = pathOf(keys[1]);
  const sealed = readFileSync(path);
  sealed[sealed.length >> 1] = (sealed[sealed.length >> 1] ?? 0) ^ 1;
  writeFileSync(path, sealed);
  expect((await verify()).code).toBe(0);
  const { out, code } = await verify('--read-custody');
  expect(code).toBe(1);
  expect(out).toMatch(new RegExp(`custody: message m-7: object ${keys[1]} .* cannot be read: .*altered`));
  expect(out).toMatch(/\n1 findings in 1 messages, 1 events, 0 seals, 2 objects read/);
});

test("an object that is sound, in another's place", async () => {
  rmSync(pathOf(keys[0]));
  // A copy of the other one does not open under this name: names are sealed with the bytes.
  writeFileSync(pathOf(keys[0]), readFileSync(pathOf(keys[1])));
  expect((await verify('--read-custody')).out).toMatch(/object .* cannot be read/);
});

test('without the key file says so', async () => {
  rmSync(join(data, 'custody-key.json'));
  const { err, code } = await verify('--read-custody');
  expect(code).toBe(1);
  expect(err).toMatch(/custody-key.json is missing/);
});

test('a duration that is none is refused with an example', async () => {
  expect((await verify('--kept-at-least', 'long')).err).toMatch(/such as 400d/);
  expect((await verify('--kept-at-least', '36d')).code).toBe(0);
});
