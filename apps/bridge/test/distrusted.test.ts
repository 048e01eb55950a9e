/** Cleared, and then the scanner fails its self-test before anything has left: what it said counts for nothing. */
import diagnosticsChannel from 'node:diagnostics_channel';
import { existsSync, renameSync } from 'node:fs';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Message } from '../src/domain/message';
import type { FaultRig } from './rig/fault-rig';
import { openFaultRig } from './rig/fault-rig';
import { noise, purchaseOrder } from './rig/partner-samples';
import type { RunningBridge } from './rig/run-bridge';
import { until } from './rig/until';

jest.setTimeout(300_000);

/** How long the self-test that fails takes: what is cleared meanwhile is cleared between one that passed and one that failed. */
const failingForMs = 20_000;
const patience = { withinMs: 60_000 };

let rig: FaultRig;
let bridge: RunningBridge;
beforeEach(async () => {
  rig = await openFaultRig({
    changes: {
      scanner: { selfTest: { interval: '1s', deadline: '60s' } },
      // A refused submission is not tried again by itself for long.
      delivery: { tries: 1000, sendWithin: '5s' },
    },
  });
});
afterEach(() => rig.close());

async function places(): Promise<Readonly<Record<string, string>>> {
  const shown = (await rig.messages()).map(({ gatewayId, obligations }): [string, string] => {
    const [first] = obligations;
    return [gatewayId, [first!.place, ...first!.reasons.map(({ code }) => code)].join(' ')];
  });
  return Object.fromEntries(shown);
}

const delivery = (messageId: string, state: Message['deliveries'][number]['state']): Promise<Message> =>
  until(
    `the delivery of ${messageId} is ${state}`,
    async () =>
      (await rig.messages()).find(
        ({ gatewayId, deliveries }) => gatewayId === messageId && deliveries[0]?.state === state,
      ),
    { ...patience, facts: places },
  );

const isPassing = async (): Promise<true | undefined> =>
  (await bridge.ready()).reasons.some(({ part }) => part === 'self-test') ? undefined : true;

/** From now on the scanner clears EICAR, the first time slowly; resolves when a self-test has begun that will fail. */
async function beginToFail(): Promise<() => void> {
  let hasBegun = false;
  // What is scripted last is asked first.
  const mendAll = rig.scanner.script(/^self-test-.*eicar/, { verdict: 'allowed' });
  const mendSlow = rig.scanner.script(
    ({ name }) => {
      const isEicar = /^self-test-.*eicar/.test(name);
      hasBegun ||= isEicar;
      return isEicar;
    },
    { verdict: 'allowed', scanTimeMs: failingForMs, times: 1 },
  );
  await until('a self-test has begun', () => (hasBegun ? true : undefined), patience);
  return () => {
    mendSlow();
    mendAll();
  };
}

test('what waits to be submitted, or was staged and has not appeared, is held; what is scanned afterwards goes its way', async () => {
  bridge = await rig.start();
  await until('the self-test has passed', isPassing, patience);
  const mend = await beginToFail();

  const refused = rig.gateway.faults.add({
    on: 'POST /message/submit',
    fault: { kind: 'status', status: 429 },
  });
  const { folder } = rig.config;
  const away = join(rig.directory, 'unmounted');
  // The share is gone in the very moment in which the file is staged whole.
  const unmount = (message: unknown): void => {
    const { stage, point } = message as { stage: string; point: string };
    if (stage === 'record' && point === 'after:staged' && existsSync(folder)) renameSync(folder, away);
  };
  diagnosticsChannel.subscribe('mft-bridge:step', unmount);
  try {
    await rig.gateway.partner('ACME').send({ messageId: '<early@acme>', attachments: [purchaseOrder(1)] });
    await rig.gateway
      .partner('GLOBEX')
      .send({ messageId: '<early@globex>', attachments: [noise('early.bin', 1_000)] });
    await delivery('<early@globex>', 'staged');
    await until('a submission is refused', () => (refused.hits > 0 ? true : undefined), patience);
  } finally {
    diagnosticsChannel.unsubscribe('mft-bridge:step', unmount);
  }
  await until(
    'the self-test has failed',
    async () => ((await isPassing()) === undefined ? true : undefined),
    patience,
  );
  await rename(away, folder);
  await until(
    'both are held',
    async () => {
      const held = Object.values(await places()).filter((place) => place === 'held scanner-distrusted');
      return held.length === 2 ? true : undefined;
    },
    { withinMs: 120_000, facts: places },
  );

  // Not before: a call that began before the failure tries again by itself for a while.
  refused.remove();
  mend();
  await until('the self-test passes again', isPassing, { withinMs: 120_000 });
  await rig.gateway.partner('ACME').send({ messageId: '<late@acme>', attachments: [purchaseOrder(2)] });
  await rig.gateway
    .partner('GLOBEX')
    .send({ messageId: '<late@globex>', attachments: [noise('late.bin', 1_000)] });
  await delivery('<late@acme>', 'delivered');
  await delivery('<late@globex>', 'delivered');

  expect(await places()).toEqual({
    '<early@acme>': 'held scanner-distrusted',
    '<early@globex>': 'held scanner-distrusted',
    '<late@acme>': 'delivered',
    '<late@globex>': 'delivered',
  });
  expect(rig.gateway.partner('WAREHOUSE').received).toHaveLength(1);
  expect((await readdir(folder)).filter((name) => !name.startsWith('.'))).toEqual(['late.bin']);
  await until('what was staged is taken away', async () =>
    (await readdir(join(folder, '.mft-bridge-staging'))).length === 0 ? true : undefined,
  );
});
