/** The scanner must show that it does its work before anything is forwarded, and whenever it stops doing it. */
import type { MetaDefenderSandbox } from '@mft-bridge/sandbox';
import type { Rig } from './rig/open-rig';
import { openRig } from './rig/open-rig';
import { purchaseOrder } from './rig/partner-samples';
import { isDone, readProgress } from './rig/progress';
import type { RunningBridge } from './rig/run-bridge';
import { runBridge } from './rig/run-bridge';
import { until } from './rig/until';

jest.setTimeout(180_000);

let rig: Rig;
let bridge: RunningBridge | undefined;
beforeEach(async () => {
  rig = await openRig({ changes: { scanner: { selfTest: { interval: '1s', deadline: '5s' } } } });
});
afterEach(async () => {
  await bridge?.stop(1_000);
  bridge = undefined;
  await rig.close();
});

type Script = Parameters<MetaDefenderSandbox['script']>[1];
const isSelfTest = (name: string): boolean => name.startsWith('self-test-');
const arrived = (): number => rig.gateway.partner('WAREHOUSE').received.length;
const send = (): Promise<unknown> =>
  rig.gateway.partner('ACME').send({ subject: 'Order', attachments: [purchaseOrder(12)] });
const why = async (): Promise<string | undefined> =>
  (await bridge!.ready()).reasons.find(({ part }) => part === 'self-test')?.reason;

test('passes: both files were looked at and deleted, and the message goes its way', async () => {
  bridge = await runBridge(rig.config);
  await send();
  await until('delivered', () => (arrived() === 1 ? true : undefined));
  expect(await why()).toBeUndefined();
  const own = rig.scanner.scanned.filter(({ name }) => isSelfTest(name));
  expect(own.slice(0, 2).map(({ verdict }) => verdict)).toEqual(['blocked', 'allowed']);
  await until('both are deleted', () =>
    rig.scanner.files.every(({ name, state }) => !isSelfTest(name) || state === 'Deleted') ? true : undefined,
  );
  expect(bridge.lines.join('\n')).toContain('self-test passed');
});

test.each<[string, (name: string) => boolean, Script, RegExp]>([
  ['EICAR is not looked at', (name) => /eicar/.test(name), { verdict: 'unscanned' }, /EICAR/],
  [
    'EICAR is cleared',
    (name) => /eicar/.test(name),
    { verdict: 'allowed' },
    /cleared the EICAR test file.*licence/,
  ],
  [
    'a harmless file is blocked',
    (name) => !/eicar/.test(name),
    { verdict: 'blocked' },
    /did not clear a harmless file/,
  ],
])(
  '%s: nothing is forwarded and people are told; mended, all goes on',
  async (_name, matches, script, reason) => {
    const mend = rig.scanner.script(({ name }) => isSelfTest(name) && matches(name), script);
    bridge = await runBridge(rig.config);
    await send();
    await until('the message waits for the self-test', async () => {
      const { messages } = await readProgress(rig.config.ledgerFile);
      return messages[0]?.acknowledged === true ? true : undefined;
    });
    await until('the reason is told', async () => (reason.test((await why()) ?? '') ? true : undefined));
    expect((await bridge.ready()).status).toBe(503);
    expect(arrived()).toBe(0);
    mend();
    await until('delivered', () => (arrived() === 1 ? true : undefined));
    await until('done', async () =>
      isDone(await readProgress(rig.config.ledgerFile), 1) ? true : undefined,
    );
    await until('ready', async () => ((await bridge!.ready()).status === 200 ? true : undefined));
  },
);
