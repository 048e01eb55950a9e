/** Rounds of intake that fail half-way: nothing is taken twice, and nobody waits for somebody else's fault. */
import type { FaultRig } from './rig/fault-rig';
import { openFaultRig } from './rig/fault-rig';
import { purchaseOrder } from './rig/partner-samples';
import { until } from './rig/until';

jest.setTimeout(180_000);

let rig: FaultRig;
beforeEach(async () => {
  rig = await openFaultRig();
});
afterEach(() => rig.close());

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const send = async (messageId: string): Promise<void> => {
  await rig.gateway.partner('ACME').send({ messageId, subject: messageId, attachments: [purchaseOrder(1)] });
};
/** Lets downloads go through a server that can be slow, or break off. */
const divertDownloads = (call: RegExp): unknown =>
  rig.gatewayProxy.play({
    call,
    rewrite: ({ body }) => ({
      body: Buffer.from(body.toString().replaceAll(rig.gateway.filesUrl, rig.filesProxy.url)),
    }),
  });

test('the gateway goes away for one message while another is still being fetched: that one is taken once', async () => {
  divertDownloads(/slow[^/]*\/attachments/);
  let ended = false;
  const before = async (): Promise<void> => {
    await sleep(4_000);
    ended = true;
  };
  const slow = rig.filesProxy.play({ call: /./, before, times: 1 });
  const broken = rig.gatewayProxy.play({ call: /^GET \/message\/inbox\/%3Cbroken/, swallow: true });
  await send('<broken@acme>');
  await send('<slow@acme>');
  await rig.start();
  await until('the slow download has ended', () => (ended ? true : undefined));
  expect(broken.hits).toBeGreaterThan(0);
  broken.end();
  await rig.done(2);
  expect((await rig.messages()).map(({ gatewayId }) => gatewayId).sort()).toEqual([
    '<broken@acme>',
    '<slow@acme>',
  ]);
  expect(rig.gateway.partner('WAREHOUSE').received).toHaveLength(2);
  expect(slow.hits).toBe(1);
});

test('a download that always breaks off stops none of those behind it', async () => {
  divertDownloads(/first[^/]*\/attachments/);
  rig.filesProxy.play({ call: /./, cut: true });
  await send('<first@acme>');
  for (let count = 0; count < 6; count += 1) await send(`<${String(count)}@acme>`);
  await rig.start();
  const messages = await rig.done(6);
  expect(messages.map(({ gatewayId }) => gatewayId)).not.toContain('<first@acme>');
  expect(await rig.unread()).toEqual(['<first@acme>']);
  // The client goes on with a download that broke off, a bounded number of times, before it gives up.
  const failures = await until(
    'the failure is noted',
    async () => {
      const noted = await rig.intakeFailures();
      return noted.length > 0 ? noted : undefined;
    },
    { withinMs: 45_000 },
  );
  expect(failures).toEqual([expect.objectContaining({ gatewayId: '<first@acme>' })]);
});
