/** What is settled is kept for its time and not longer; what people hold is kept whatever that time is. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import Database from 'better-sqlite3';
import type { ConfigChanges } from './rig/rig-config';
import type { Rig } from './rig/open-rig';
import { openRig } from './rig/open-rig';
import { eicar, purchaseOrder } from './rig/partner-samples';
import { isDone, readProgress } from './rig/progress';
import type { RunningBridge } from './rig/run-bridge';
import { runBridge } from './rig/run-bridge';
import { until } from './rig/until';

jest.setTimeout(180_000);

let rig: Rig;
let bridge: RunningBridge | undefined;
afterEach(async () => {
  await bridge?.stop(1_000);
  bridge = undefined;
  await rig.close();
});

async function start(retention: NonNullable<ConfigChanges['retention']>): Promise<void> {
  rig = await openRig({ changes: { retention } });
  await rig.gateway.partner('ACME').send({ messageId: '<good>', attachments: [purchaseOrder(1)] });
  await rig.gateway.partner('ACME').send({ messageId: '<bad>', attachments: [eicar()] });
  bridge = await runBridge(rig.config);
  await until('both are settled', async () =>
    isDone(await readProgress(rig.config.ledgerFile), 2) ? true : undefined,
  );
}

const objects = async (): Promise<number> => {
  const names = await readdir(rig.config.custodyDirectory, { recursive: true, withFileTypes: true });
  return names.filter((entry) => entry.isFile() && /^[0-9a-f]{32}/.test(entry.name)).length;
};

async function removed(): Promise<readonly string[]> {
  const { messages } = await readProgress(rig.config.ledgerFile);
  return messages.filter(({ bytesRemoved }) => bytesRemoved).map(({ gatewayId }) => gatewayId);
}

function holdLegally(gatewayId: string): void {
  const database = new Database(rig.config.ledgerFile);
  database.prepare('update message set legal_hold = 1 where gateway_id = ?').run(gatewayId);
  database.close();
}

test('bytes of what was delivered go after their time, those of what is quarantined stay', async () => {
  await start({ delivered: '1s' });
  await until('the delivered bytes are gone', async () =>
    (await removed()).length === 1 ? true : undefined,
  );
  expect(await removed()).toEqual(['<good>']);
  await until('one object is left', async () => ((await objects()) === 1 ? true : undefined));
});

test('quarantine has a time of its own', async () => {
  await start({ quarantine: '1s' });
  await until('the quarantined bytes are gone', async () =>
    (await removed()).length === 1 ? true : undefined,
  );
  expect(await removed()).toEqual(['<bad>']);
});

test('what is under legal hold stays', async () => {
  await start({ delivered: '20s', quarantine: '20s' });
  await bridge!.stop(1_000);
  holdLegally('<good>');
  const text = await readFile(rig.config.file, 'utf8');
  await writeFile(rig.config.file, text.replaceAll('"20s"', '"1s"'));
  bridge = await runBridge(rig.config);
  await until('the other bytes are gone', async () => ((await removed()).length === 1 ? true : undefined));
  expect(await removed()).toEqual(['<bad>']);
  expect(await objects()).toBe(1);
});

test('a crash between event and removal leaves nothing behind after the next start', async () => {
  await start({});
  await bridge!.stop(1_000);
  const database = new Database(rig.config.ledgerFile);
  database.exec('update message set bytes_removed = 1');
  database.close();
  expect(await objects()).toBe(2);
  bridge = await runBridge(rig.config);
  await until('swept', async () => ((await objects()) === 0 ? true : undefined));
});

test('what was skipped is remembered for as long as the gateway has it', async () => {
  await start({ delivered: '1s' });
  const database = new Database(rig.config.ledgerFile);
  const ids = (): readonly unknown[] => database.prepare('select gateway_id from skipped').pluck().all();
  try {
    const put = database.prepare('insert into skipped (gateway_id, gateway_time) values (?, ?)');
    const day = 86_400_000;
    put.run('<gone>', Date.now() - 41 * day);
    put.run('<there>', Date.now() - 34 * day);
    await until('the older one is forgotten', () => (ids().includes('<gone>') ? undefined : true));
    expect(ids()).toEqual(['<there>']);
  } finally {
    database.close();
  }
});
