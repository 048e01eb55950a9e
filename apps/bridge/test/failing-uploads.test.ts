/** A scanner that is there, and takes no uploads: that nothing gets scanned is shown, and ends by itself. */
import { openSqliteLedgerReader } from '../src/ledger/sqlite-ledger-reader';
import { viewMessage } from '../src/web/message-view';
import type { Rig } from './rig/open-rig';
import { openRig } from './rig/open-rig';
import { purchaseOrder } from './rig/partner-samples';
import { isDone, readProgress } from './rig/progress';
import type { RunningBridge } from './rig/run-bridge';
import { runBridge } from './rig/run-bridge';
import { until } from './rig/until';

jest.setTimeout(180_000);

const count = 5;
let rig: Rig;
let bridge: RunningBridge | undefined;
afterEach(async () => {
  await bridge?.stop(1_000);
  bridge = undefined;
  await rig.close();
});

async function waits(): Promise<readonly (string | undefined)[]> {
  const reader = await openSqliteLedgerReader(rig.config.ledgerFile);
  try {
    return (await reader.messages.list({ limit: 50 })).items.map((item) => viewMessage(item).waiting?.why);
  } finally {
    await reader.close();
  }
}

test('uploads get 503, the version is answered: not ready, with the reason; mended, all is scanned and it is ready again', async () => {
  rig = await openRig({ changes: { scanner: { concurrency: 2 } } });
  const fault = { kind: 'status', status: 503 } as const;
  const rule = rig.scanner.faults.add({ on: 'PATCH /vault_rest/transfer_file', fault });
  bridge = await runBridge(rig.config);
  for (let index = 0; index < count; index += 1)
    await rig.gateway
      .partner('ACME')
      .send({ messageId: `<${String(index)}@acme>`, attachments: [purchaseOrder(index)] });
  const uploads = /^the scanner has not answered uploads since 2\d{3}-.*503/s;
  const reasons = async (): Promise<readonly string[]> =>
    (await bridge!.ready()).reasons.map(({ part, reason }) => `${part}: ${reason}`);
  await until(
    'it is not ready, and says why',
    async () => {
      const { status, reasons: told } = await bridge!.ready();
      const found = told.some(({ part, reason }) => part === 'scanner: uploads' && uploads.test(reason));
      return status === 503 && found ? true : undefined;
    },
    { withinMs: 60_000, facts: reasons },
  );
  await until(
    'each message says what it waits for',
    async () => {
      const why = await waits();
      return why.length === count && why.every((one) => one !== undefined && /503|uploads/.test(one))
        ? true
        : undefined;
    },
    { withinMs: 60_000, facts: waits },
  );
  // All the while it answered everything else: an unfinished upload is cleared away before each new try.
  expect(rig.scanner.calls['GET /vault_rest/version']).toBeGreaterThan(0);
  expect(rig.scanner.calls['DELETE /vault_rest/transfer']).toBeGreaterThan(0);
  expect((await bridge.ready()).status).toBe(503);

  rule.remove();
  await until(
    'all are delivered',
    async () => (isDone(await readProgress(rig.config.ledgerFile), count) ? true : undefined),
    { withinMs: 90_000, facts: waits },
  );
  await until('it is ready again', async () => ((await bridge!.ready()).status === 200 ? true : undefined));
  expect(bridge.lines.some((line) => line.includes('the scanner answers uploads again'))).toBe(true);
  expect(rig.gateway.partner('WAREHOUSE').received).toHaveLength(count);
});
