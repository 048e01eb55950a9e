/** A first start that was cut off is nothing that people must clear away: the next one goes on from there. */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '../src/config/load';
import { checkKeys } from '../src/doctor/check-keys';
import { checkLedger } from '../src/doctor/check-ledger';
import type { Rig } from './rig/open-rig';
import { openRig } from './rig/open-rig';
import { purchaseOrder } from './rig/partner-samples';
import { isDone, readProgress } from './rig/progress';
import { runBridge } from './rig/run-bridge';
import { until } from './rig/until';

jest.setTimeout(60_000);

let rig: Rig;
/** Where the key file shall be, and cannot: a file stands where its directory should. */
let keys: string;
beforeEach(async () => {
  rig = await openRig();
  keys = join(rig.directory, 'keys');
  const config = JSON.parse(await readFile(rig.config.file, 'utf8')) as { custody: object };
  config.custody = { ...config.custody, keyFile: join(keys, 'custody.keys.json') };
  await writeFile(rig.config.file, JSON.stringify(config));
  await writeFile(keys, 'in the way');
});
afterEach(() => rig.close());

async function examine(): Promise<readonly string[]> {
  const config = await loadConfig(rig.config.file, rig.config.env);
  const findings = [...(await checkKeys(config)), ...(await checkLedger(config))];
  return findings.map(({ part, level, text }) => `${level} ${part}: ${text}`);
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

test('no key file could be made: the next start makes it, and the work is done', async () => {
  await expect(runBridge(rig.config)).rejects.toThrow(/keys/);
  expect(await exists(rig.config.ledgerFile)).toBe(true);
  await rm(keys);
  expect(await examine()).toEqual([
    expect.stringMatching(/^ok keys: .* will be made at the first start/),
    expect.stringMatching(/^ok ledger: .* can be read/),
  ]);

  const bridge = await runBridge(rig.config);
  try {
    expect(bridge.lines.filter((line) => line.includes('back this file up now'))).toHaveLength(1);
    await rig.gateway.partner('ACME').send({ attachments: [purchaseOrder(1)] });
    await until('delivered', async () =>
      isDone(await readProgress(rig.config.ledgerFile), 1) ? true : undefined,
    );
  } finally {
    await bridge.stop(1_000);
  }
});

test('once keys were used, a key file that is missing is a loss: nothing is made anew', async () => {
  await rm(keys);
  await (await runBridge(rig.config)).stop(1_000);
  await rm(keys, { recursive: true });
  await expect(runBridge(rig.config)).rejects.toThrow(
    /is missing, but there is data that was sealed with it/,
  );
  expect(await exists(keys)).toBe(false);
  expect(await examine()).toEqual([
    expect.stringMatching(/^failure keys: .* is missing/),
    expect.stringMatching(/^ok ledger: /),
  ]);
});

test('a ledger that is gone from its custody is a loss as well', async () => {
  await rm(keys);
  await (await runBridge(rig.config)).stop(1_000);
  await rm(rig.config.ledgerFile);
  const [, ledger] = await examine();
  expect(ledger).toMatch(/^failure ledger: .* is not there, but .* holds what a ledger refers to/);
  await expect(runBridge(rig.config)).rejects.toThrow();
});
