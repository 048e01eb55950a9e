/** A folder on a share that is not mounted after a restart: nothing is put beneath its mount point, and nothing becomes a dead letter. */
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LedgerReader } from '../src/ledger/ledger-reader';
import { openSqliteLedgerReader } from '../src/ledger/sqlite-ledger-reader';
import type { FaultRig } from './rig/fault-rig';
import { openFaultRig } from './rig/fault-rig';
import { noise } from './rig/partner-samples';
import { until } from './rig/until';

jest.setTimeout(300_000);

const patience = { withinMs: 120_000 };
let rig: FaultRig;
beforeEach(async () => {
  // Counted tries would be used up within a moment; and without being brought forward it would wait past the end of the test.
  rig = await openFaultRig({ changes: { delivery: { tries: 2, retry: { base: '1h', max: '1h' } } } });
});
afterEach(() => rig.close());

async function read<T>(look: (reader: LedgerReader) => Promise<T>): Promise<T> {
  const reader = await openSqliteLedgerReader(rig.config.ledgerFile);
  return look(reader).finally(() => reader.close());
}

const visible = async (): Promise<string[]> =>
  (await readdir(rig.config.folder)).filter((name) => !name.startsWith('.'));

test('it waits, says why and what to do, and goes on by itself once the share is back', async () => {
  const { folder } = rig.config;
  const away = join(rig.directory, 'unmounted');
  const first = await rig.start();
  // Before there is anything to deliver: then it is most likely the right one.
  const id = await until(
    'the folder is noted',
    () => read(({ settings }) => settings.get('folder:drive')),
    patience,
  );
  const marked = await readFile(join(folder, '.mft-bridge-destination'), 'utf8');
  expect(JSON.parse(marked)).toEqual({ id, destination: 'drive' });
  await first.stop(5_000);

  await rename(folder, away);
  await mkdir(folder);
  const second = await rig.start();
  await rig.gateway.partner('GLOBEX').send({ messageId: '<1@globex>', attachments: [noise('a.bin', 1_000)] });
  const why = await until(
    'it waits for the share',
    async () => {
      const { items } = await read(({ messages }) => messages.list({ limit: 1 }));
      return items[0]?.waiting.find(({ kind, why: said }) => kind === 'deliver' && said !== null);
    },
    patience,
  );
  expect(why).toMatchObject({ attempts: 0, why: expect.stringMatching(/its share is not mounted/) });
  await until(
    '/readyz says so',
    async () =>
      (await second.ready()).reasons.some(({ part }) => part === 'destination drive') ? true : undefined,
    patience,
  );
  expect(await readdir(folder)).toEqual([]);

  await rm(folder, { recursive: true });
  await rename(away, folder);
  await until('it is delivered', async () => ((await visible()).length > 0 ? true : undefined), patience);
  expect(await visible()).toEqual(['a.bin']);
  await until(
    '/readyz is content again',
    async () =>
      (await second.ready()).reasons.some(({ part }) => part === 'destination drive') ? undefined : true,
    patience,
  );
});
