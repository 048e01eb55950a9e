/** `mft-bridge doctor` against real services: it finds what is wrong, says what to do, and changes nothing. */
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { registerDoctor } from '../src/commands/doctor';
import type { Finding } from '../src/doctor/finding';
import type { Rig, RigOptions } from './rig/open-rig';
import { openRig } from './rig/open-rig';
import { runBridge } from './rig/run-bridge';
import { until } from './rig/until';

jest.setTimeout(180_000);

let rig: Rig;
afterEach(() => rig.close());

const open = async (changes: RigOptions['changes'] = {}): Promise<void> => {
  rig = await openRig({ changes });
};

async function doctor(...flags: string[]): Promise<{ code: number; findings: Finding[]; text: string }> {
  let text = '';
  let code = 0;
  const program = new Command().exitOverride();
  registerDoctor(program, {
    stdout: { write: (part: string) => void (text += part) },
    stderr: { write: () => undefined },
    env: rig.config.env,
    now: Date.now,
    setExitCode: (value) => void (code = value),
    endWithin: () => undefined,
  });
  await program.parseAsync(['node', 'mft-bridge', 'doctor', '--config', rig.config.file, ...flags]);
  const findings = flags.includes('--json')
    ? text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Finding)
    : [];
  return { code, findings, text };
}

const bad = (findings: readonly Finding[]): Finding[] => findings.filter(({ level }) => level === 'failure');

test('all is well: exit code 0, and nothing was made, sent or marked', async () => {
  await open();
  await rig.gateway.partner('ACME').send({ attachments: [{ name: 'a.txt', content: Buffer.from('a') }] });
  const { code, findings } = await doctor('--json');
  expect(bad(findings)).toEqual([]);
  expect(code).toBe(0);
  expect(findings.map(({ text }) => text).join('\n')).toMatch(/self-test: a harmless file cleared/);
  expect(await readdir(rig.directory)).toEqual(['bridge.yaml', 'shared-drive']);
  expect(await readdir(rig.config.folder)).toEqual([]);
  expect(await rig.unread()).toHaveLength(1);
  expect(rig.scanner.files.every(({ state }) => state === 'Deleted')).toBe(true);
});

test('beside a running bridge, for people: one line each, and a sum', async () => {
  await open({ log: { level: 'error' } });
  const bridge = await runBridge(rig.config);
  try {
    const { code, text } = await doctor('--no-self-test');
    expect(text).toMatch(/^ok {7}ledger/m);
    expect(text).toMatch(/^skipped {2}scanner +self-test/m);
    expect(text.trim().split('\n').at(-1)).toBe('0 failures, 2 warnings: the bridge can do its work');
    expect(code).toBe(0);
  } finally {
    await bridge.stop(1_000);
  }
});

test('a configuration that cannot be used: all its problems, and nothing is called', async () => {
  await open();
  await writeFile(rig.config.file, 'mode: enforce\n');
  const { code, findings } = await doctor('--json');
  expect(code).toBe(1);
  expect(bad(findings)).toHaveLength(1);
  expect(bad(findings)[0]!.text).toMatch(/gateway\.auth/);
});

test.each<[string, () => unknown, Finding['part'], RegExp]>([
  [
    'a folder that is not there',
    () => rm(rig.config.folder, { recursive: true }),
    'destinations',
    /no directory/,
  ],
  [
    'a folder whose share is not mounted any more',
    async () => {
      const bridge = await runBridge(rig.config);
      const mark = join(rig.config.folder, '.mft-bridge-destination');
      // Noted in the ledger as well, before the bridge has stopped.
      await until('the folder is marked', () => (existsSync(mark) ? true : undefined));
      await bridge.stop(1_000);
      await rm(rig.config.folder, { recursive: true });
      await mkdir(rig.config.folder);
    },
    'destinations',
    /its share is not mounted.*write \{"id":"[0-9a-f]{32}"\} into/,
  ],
  [
    'a scanner that clears EICAR',
    () => void rig.scanner.script(/eicar/, { verdict: 'allowed' }),
    'scanner',
    /EICAR/,
  ],
  ['a scanner that is away', () => rig.scanner.unplug(), 'scanner', /./],
  ['a gateway that is away', () => rig.gateway.unplug(), 'gateway', /./],
  [
    'a key file that others can read',
    async () => {
      await (await runBridge(rig.config)).stop(1_000);
      const [name] = (await readdir(rig.config.dataDirectory)).filter((file) => /key/.test(file));
      await chmod(`${rig.config.dataDirectory}/${name!}`, 0o644);
    },
    'keys',
    /chmod 600/,
  ],
  [
    'a ledger that is none',
    async () => {
      await (await runBridge(rig.config)).stop(1_000);
      await writeFile(rig.config.ledgerFile, 'not a database, but long enough to look like a file of one');
    },
    'ledger',
    /damaged|no database|not a database/i,
  ],
])('%s is found', async (_name, spoil, part, text) => {
  await open();
  await spoil();
  const { code, findings } = await doctor('--json');
  expect(code).toBe(1);
  const found = bad(findings).filter((finding) => finding.part === part);
  expect(found.length).toBeGreaterThan(0);
  expect(found[0]!.text).toMatch(text);
  expect(found[0]!.advice).toBeTruthy();
});

test('a clock that is wrong, and a station and a partner that do not exist', async () => {
  rig = await openRig({
    changes: { gateway: { stations: ['HUB', 'HUBB'] } },
    gatewayClock: () => Date.now() + 300_000,
  });
  const { findings } = await doctor('--json', '--no-self-test');
  const texts = bad(findings).map(({ text }) => text);
  expect(texts.filter((text) => /clock is (299|300|301) s ahead/.test(text))).toHaveLength(1);
  expect(texts.filter((text) => /no station HUBB/.test(text))).toHaveLength(1);
});

test('says no secret, whatever is wrong', async () => {
  await open();
  await rig.scanner.unplug();
  const { text } = await doctor();
  for (const secret of Object.values(rig.config.env)) expect(text).not.toContain(secret);
});
