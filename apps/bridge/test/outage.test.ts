/** A scanner that is down for a while: it is left alone, all that waits says why, and goes on soon after it is back. */
import { openSqliteLedgerReader } from '../src/ledger/sqlite-ledger-reader';
import { viewMessage } from '../src/web/message-view';
import type { FaultRig } from './rig/fault-rig';
import { openFaultRig } from './rig/fault-rig';
import { noise, purchaseOrder } from './rig/partner-samples';
import { until } from './rig/until';

jest.setTimeout(240_000);

const count = 12;
let rig: FaultRig;
afterEach(() => rig.close());

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Why each message waits, as people see it. */
async function waits(): Promise<readonly (string | undefined)[]> {
  const reader = await openSqliteLedgerReader(rig.config.ledgerFile);
  try {
    return (await reader.messages.list({ limit: 50 })).items.map((item) => viewMessage(item).waiting?.why);
  } finally {
    await reader.close();
  }
}

test('the scanner is away: not hammered, said by each message, and all is done when it is back', async () => {
  rig = await openFaultRig({ changes: { scanner: { concurrency: 4 } } });
  const away = rig.scannerProxy.play({ call: /./, swallow: true });
  const { lines } = await rig.start();
  for (let index = 0; index < count; index += 1)
    await rig.gateway
      .partner('ACME')
      .send({ messageId: `<${String(index)}@acme>`, attachments: [purchaseOrder(index)] });
  await until(
    'all wait, and say why',
    async () => {
      const why = await waits();
      const says = /^the scanner has not answered since 2\d{3}-/;
      return why.length === count && why.every((one) => one !== undefined && says.test(one))
        ? true
        : undefined;
    },
    { withinMs: 60_000, facts: waits },
  );
  expect(lines.filter((line) => line.includes('the scanner is left alone for a while'))).toHaveLength(1);

  // One step tries now and then, with its own few tries; without a breaker it were four steps all the time.
  const before = away.hits;
  await sleep(4_000);
  expect(away.hits - before).toBeLessThan(25);

  away.end();
  // The wait before the next look has grown to some seconds by now.
  await until(
    'all are delivered',
    async () => {
      const messages = await rig.messages();
      return messages.every(({ obligations }) => obligations.every(({ place }) => place === 'delivered'))
        ? true
        : undefined;
    },
    { withinMs: 60_000, facts: waits },
  );
  expect(lines.some((line) => line.includes('the scanner answers again'))).toBe(true);
  expect(rig.gateway.partner('WAREHOUSE').received).toHaveLength(count);
});

test('what does not need the gateway does not wait for it', async () => {
  rig = await openFaultRig();
  await rig.start();
  await rig.gateway.partner('ACME').send({ messageId: '<1@acme>', attachments: [purchaseOrder(1)] });
  await rig.gateway.partner('GLOBEX').send({ messageId: '<2@globex>', attachments: [noise('a.bin', 1_000)] });
  rig.gatewayProxy.play({
    call: /^(POST \/message\/submit|GET \/message\/outbox)/,
    rewrite: () => ({ status: 503, body: Buffer.from('{}') }),
  });
  await until('the file is in the folder', async () =>
    (await rig.messages()).some(
      ({ gatewayId, obligations }) => gatewayId === '<2@globex>' && obligations[0]!.place === 'delivered',
    )
      ? true
      : undefined,
  );
});
