/** What people ask for, from the command line to the ledger: a replay goes out once and by fresh evidence, a hold holds. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { registerMessage } from '../src/commands/message';
import type { MessageEvent } from '../src/domain/message-event';
import { openSqliteLedgerReader } from '../src/ledger/sqlite-ledger-reader';
import type { ConfigChanges } from './rig/rig-config';
import type { FaultRig } from './rig/fault-rig';
import { openFaultRig } from './rig/fault-rig';
import { eicar, purchaseOrder } from './rig/partner-samples';
import { until } from './rig/until';

jest.setTimeout(180_000);

let rig: FaultRig;
let configFile: string;
afterEach(() => rig.close());

/** Starts a bridge, and writes the configuration by which the command line finds it. */
async function start(changes: ConfigChanges = {}): Promise<void> {
  rig = await openFaultRig({ changes });
  const { url } = await rig.start();
  const config = JSON.parse(await readFile(rig.config.file, 'utf8')) as { web: { private: object } };
  const web = { private: { ...config.web.private, port: Number(new URL(url).port) } };
  configFile = join(rig.directory, 'found.yaml');
  await writeFile(configFile, JSON.stringify({ ...config, web }));
}

async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = { RIG_WEB_TOKEN: rig.config.env['RIG_WEB_TOKEN'] ?? '' },
): Promise<{ out: string; err: string; code: number }> {
  const said = { out: '', err: '', code: 0 };
  const program = new Command().exitOverride().configureOutput({
    writeErr: (text) => void (said.err += text),
    writeOut: (text) => void (said.out += text),
  });
  registerMessage(program, {
    stdout: { write: (text) => void (said.out += text) },
    stderr: { write: (text) => void (said.err += text) },
    env,
    setExitCode: (code) => void (said.code = code),
    endWithin: () => undefined,
    now: Date.now,
  });
  await program
    .parseAsync(['message', ...args, '--config', configFile], { from: 'user' })
    .catch(() => void (said.code = 1));
  return said;
}

const send = (messageId: string, sample = purchaseOrder(12)): Promise<unknown> =>
  rig.gateway.partner('ACME').send({ messageId, subject: 'Order', attachments: [sample] });
const arrived = (): number => rig.gateway.partner('WAREHOUSE').received.length;

async function becomes(id: string, place: string) {
  return until(
    `${id} is ${place}`,
    async () => {
      const message = (await rig.messages()).find(({ gatewayId }) => gatewayId === id);
      return message?.obligations.every((one) => one.place === place) === true && message.acknowledged
        ? message
        : undefined;
    },
    { facts: () => rig.messages() },
  );
}

async function timeline(id: string): Promise<readonly MessageEvent[]> {
  const reader = await openSqliteLedgerReader(rig.config.ledgerFile);
  try {
    return (await reader.messages.timeline(id)).map(({ event }) => event);
  } finally {
    await reader.close();
  }
}

test('a message that failed is replayed: scanned afresh, and delivered', async () => {
  await start();
  const failing = rig.gateway.outcomes.add({ to: 'WAREHOUSE', outcome: { box: 'failed' } });
  await send('<1@acme>');
  const dead = await becomes('<1@acme>', 'dead-letter');
  failing.remove();
  const scans = rig.scanner.scanned.length;

  expect(await run(['replay', '<1@acme>'])).toEqual({
    out: 'It goes its way again, from a fresh scan.\n',
    err: '',
    code: 0,
  });
  const message = await becomes('<1@acme>', 'delivered');
  expect(arrived()).toBe(1);
  expect(rig.scanner.scanned.length).toBe(scans + 1);
  expect(message.attachments[0]!.scan.fileId).not.toBe(dead.attachments[0]!.scan.fileId);
  const replayed = (await timeline(message.id)).find(({ type }) => type === 'replayed');
  expect(replayed).toMatchObject({ actor: 'api token', route: 'orders' });

  expect(await run(['replay', message.id.slice(0, 12)])).toEqual({
    out: '',
    err: 'Nothing of it is held or a dead letter.\n',
    code: 1,
  });
});

test('what may have arrived is replayed only where it is said that it may arrive twice', async () => {
  await start({ route: { onUnknown: 'hold' } });
  const loss = rig.gatewayProxy.play({ call: /^POST \/message\/submit/, swallow: true });
  await send('<1@acme>');
  await becomes('<1@acme>', 'held');
  loss.end();
  expect(await run(['replay', '<1@acme>'])).toMatchObject({
    err: expect.stringContaining('arrive twice'),
    code: 1,
  });
  expect(arrived()).toBe(0);
  expect(await run(['replay', '<1@acme>', '--even-if-sent'])).toMatchObject({ code: 0 });
  await becomes('<1@acme>', 'delivered');
  expect(arrived()).toBe(1);
});

test('what is quarantined is not let out, and the way out is named', async () => {
  await start();
  await send('<1@acme>', eicar());
  await becomes('<1@acme>', 'quarantined');
  expect(await run(['replay', '<1@acme>', '--even-if-sent'])).toMatchObject({
    err: expect.stringContaining('by a release alone'),
    code: 1,
  });
});

test('a legal hold is put on, said in the timeline, and lifted', async () => {
  await start();
  await send('<1@acme>');
  const { id } = await becomes('<1@acme>', 'delivered');
  const holds = async (): Promise<boolean> => (await rig.messages())[0]!.legalHold;
  expect(await run(['hold', id, '--why', 'Case 17'])).toMatchObject({ code: 0, err: '' });
  expect(await holds()).toBe(true);
  expect(await run(['hold', id, '--why', 'Case 18'])).toMatchObject({ code: 0 });
  expect(await run(['unhold', id])).toMatchObject({ code: 0, err: '' });
  expect(await holds()).toBe(false);
  expect((await timeline(id)).filter(({ type }) => type === 'legal-hold')).toEqual([
    { type: 'legal-hold', on: true, actor: 'api token', why: 'Case 17' },
    { type: 'legal-hold', on: false, actor: 'api token', why: '' },
  ]);
  expect(await run(['hold', id])).toMatchObject({ code: 1, err: expect.stringContaining('--why') });
});

test('what is in the way is said in a sentence', async () => {
  await start();
  await send('<1@acme>');
  await becomes('<1@acme>', 'delivered');
  expect((await run(['replay', 'nobody-at-all'])).err).toMatch(/No message has the id nobody-at-all/);
  expect((await run(['replay', '<1@acme>'], {})).err).toMatch(
    /The token of web\.private\.token cannot be read here/,
  );
  expect((await run(['replay', '<1@acme>'], { RIG_WEB_TOKEN: 'another-token-0123456789' })).err).toMatch(
    /The token is not the one of web\.private\.token/,
  );
  const config = JSON.parse(await readFile(configFile, 'utf8')) as { web: { private: { port: number } } };
  const withPort = (port: number): Promise<void> =>
    writeFile(configFile, JSON.stringify({ ...config, web: { private: { ...config.web.private, port } } }));
  await withPort(0);
  expect((await run(['replay', '<1@acme>'])).err).toMatch(/web\.private\.port is 0/);
  await withPort(1);
  expect((await run(['replay', '<1@acme>'])).err).toMatch(
    /No bridge answers at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)\. Start it with "mft-bridge start"/,
  );
});
