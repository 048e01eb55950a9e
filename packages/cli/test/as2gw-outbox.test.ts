import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { As2GatewaySandbox, As2GatewaySandboxOptions } from '@mft-bridge/sandbox';
import { startAs2GatewaySandbox } from '@mft-bridge/sandbox';
import type { CliOptions } from './run-cli';
import { runCli } from './run-cli';
import type { Scratch } from './scratch';
import { createScratch } from './scratch';

let gateway: As2GatewaySandbox;
let scratch: Scratch;
let env: Record<string, string>;
let time: number;
beforeEach(() => {
  scratch = createScratch();
  time = Date.now();
});
afterEach(async () => {
  await gateway.close();
  scratch.remove();
});

async function start(options: As2GatewaySandboxOptions = {}): Promise<void> {
  gateway = await startAs2GatewaySandbox({ clock: () => time, ...options });
  const { tokenId, tokenSecret } = gateway.credentials;
  env = { AS2GW_URL: gateway.url, AS2GW_TOKEN_ID: tokenId, AS2GW_TOKEN_SECRET: tokenSecret };
}

const as2gw = (args: string[], options: CliOptions = {}) =>
  runCli('as2gw', [...args, '--rate', '0'], {
    env,
    now: () => time,
    sleep: async (ms) => void (time += ms),
    ...options,
  });

const send = (files: string[], ...more: string[]) =>
  as2gw(['send', '--from', 'HUB', '--to', 'ACME', ...files, ...more]);

test('send queues, send --wait waits for the receipt; names and bytes arrive', async () => {
  await start();
  const [one, two] = [scratch.file('Übergröße.xml', '<a/>'), scratch.file('b.edi', 'ISA*00*')];
  const queued = await send([one, two], '--subject', 'Invoices', '--json');
  expect([queued.err, queued.code]).toEqual(['', 0]);
  expect(queued.json()).toEqual([
    { id: expect.stringMatching(/^<.*>$/), sent: 'queued', attachmentNames: ['Übergröße.xml', 'b.edi'] },
  ]);
  const waited = await send([two], '--wait', '--json');
  expect([waited.code, waited.json()]).toEqual([
    0,
    [
      expect.objectContaining({
        state: 'sent',
        good: true,
        disposition: expect.stringContaining('processed'),
      }),
    ],
  ]);
  expect(gateway.partner('ACME').received).toEqual([
    expect.objectContaining({
      subject: 'Invoices',
      attachments: [
        expect.objectContaining({ name: 'Übergröße.xml', size: 4, contentType: 'application/xml' }),
        expect.objectContaining({ name: 'b.edi', size: 7 }),
      ],
    }),
    expect.objectContaining({ attachments: [expect.objectContaining({ contentType: 'application/EDI' })] }),
  ]);
  const list = await as2gw(['outbox', 'ls']);
  expect(list.out).toContain('Invoices');
  expect((await as2gw(['outbox', 'ls', '--box', 'failed'])).out).toBe('No failed messages.\n');
});

test.each([
  [2, { box: 'failed' }, /^failed/],
  [
    2,
    {
      box: 'sent',
      disposition: 'automatic-action/MDN-sent-automatically; processed/error: decryption-failed',
    },
    /^sent.*decryption-failed/,
  ],
  [3, { box: 'incomplete' }, /^incomplete/],
] as const)('send --wait and status end with %i for %j', async (code, outcome, line) => {
  await start({ outcomeOf: () => outcome });
  const sent = await send([scratch.file('a.edi', 'x')], '--wait', '--timeout', '30s');
  expect([sent.code, sent.out]).toEqual([code, expect.stringMatching(line)]);
  const id = /<[^>]+>/.exec(sent.out)?.[0] ?? '';
  const status = await as2gw(['status', id, '--json']);
  expect([status.code, status.json()]).toEqual([code, [expect.objectContaining({ id, good: false })]]);
});

test('a lost answer is looked for and found: nothing is sent twice', async () => {
  await start();
  gateway.faults.add({ on: 'POST /message/submit', fault: { kind: 'lost-answer' }, times: 1 });
  const { code, out } = await send([scratch.file('a.edi', 'x')]);
  expect([code, out]).toEqual([0, expect.stringMatching(/^queued +<.*>\n$/)]);
  expect(gateway.calls['POST /message/submit']).toBe(1);
});

test('a lost answer that is not found is said to be unknown', async () => {
  await start();
  gateway.faults.add({ on: 'POST /message/submit', fault: { kind: 'reset', when: 'after-body' }, times: 1 });
  const { code, err, json } = await send([scratch.file('a.edi', 'x')], '--json');
  expect([code, json()]).toEqual([3, [{ sent: 'unknown' }]]);
  expect(err).toContain('may or may not be on its way');
  expect(gateway.calls['POST /message/submit']).toBe(1);
});

test.each([
  [['send', '--from', 'HUB', '--to', 'NOBODY'], /NOBODY|422/],
  [['send', '--from', 'NOBODY', '--to', 'ACME'], /NOBODY|422/],
])('%j is refused with 1', async (args, why) => {
  await start();
  const { code, err } = await as2gw([...args, scratch.file('a.edi', 'x')]);
  expect([code, err]).toEqual([1, expect.stringMatching(why)]);
});

test('mdn shows the receipt of a sent and of a received message, and stores it as it came', async () => {
  await start();
  const sent = (await send([scratch.file('a.edi', 'x')], '--wait', '--json')).json()[0];
  const file = join(scratch.path, 'mdn.raw');
  const shown = await as2gw(['mdn', String(sent?.['id']), '--to', file]);
  expect([shown.code, shown.out]).toEqual([0, expect.stringMatching(/processed.*\n\n.*was received/s)]);
  expect(readFileSync(file, 'utf8')).toContain('message/disposition-notification');
  const { messageId } = await gateway
    .partner('ACME')
    .send({ attachments: [{ name: 'b', content: Buffer.from('b') }] });
  expect((await as2gw(['mdn', messageId, '--json'])).json()).toEqual([
    expect.objectContaining({ id: messageId, outcome: 'processed' }),
  ]);
  const none = await as2gw(['mdn', '<no@body>']);
  expect([none.code, none.err]).toEqual([1, expect.stringContaining('no receipt')]);
});

test('partners, stations', async () => {
  await start();
  expect((await as2gw(['partners'])).out).toMatch(/^IDENTIFIER +NAME\nACME +ACME\n/);
  expect((await as2gw(['stations', '--json'])).json()).toEqual([
    expect.objectContaining({ identifier: 'HUB' }),
  ]);
});

test('certs says how many days are left, and ends with 2 when one is near its end', async () => {
  await start();
  const far = await as2gw(['certs', '--json']);
  expect(far.code).toBe(0);
  expect(far.json()[0]).toEqual(
    expect.objectContaining({ alias: expect.any(String), days: expect.any(Number), near: false }),
  );
  const days = Math.min(...far.json().map((line) => Number(line['days'])));
  time += (days - 10) * 86_400_000;
  const near = await as2gw(['certs']);
  expect([near.code, near.out]).toEqual([2, expect.stringMatching(/^DAYS +EXPIRES.*\n10 /)]);
  expect((await as2gw(['certs', '--near', '5d'])).code).toBe(0);
  time += 20 * 86_400_000;
  expect((await as2gw(['certs'])).out).toMatch(/\nover /);
});

describe('credentials', () => {
  test.each([
    ['two lines', (id: string, secret: string) => `${id}\n${secret}\n`],
    [
      'the CSV of the console',
      (id: string, secret: string) => `Name,Token ID,Token Secret\r\n"ci","${id}","${secret}"\r\n`,
    ],
    ['JSON', (tokenId: string, tokenSecret: string) => JSON.stringify({ tokenId, tokenSecret })],
  ])('come from a file of %s', async (_name, content) => {
    await start();
    const { tokenId, tokenSecret } = gateway.credentials;
    const file = scratch.file('token', content(tokenId, tokenSecret));
    env = { AS2GW_URL: gateway.url };
    const { code, out, err } = await as2gw(['stations', '--token-file', file]);
    expect([code, err]).toEqual([0, '']);
    expect(out + err).not.toContain(tokenSecret);
  });

  test('come from a prompt, and the secret is not echoed', async () => {
    await start();
    const { tokenId, tokenSecret } = gateway.credentials;
    env = { AS2GW_URL: gateway.url };
    const { code, out, err } = await as2gw(['stations'], { typed: [`${tokenId}\r`, `${tokenSecret}\r`] });
    expect(code).toBe(0);
    expect(err).toContain(`Token ID: ${tokenId}`);
    expect(out + err).not.toContain(tokenSecret);
  });

  test('that are wrong end with 1 and are not shown', async () => {
    await start();
    env = { ...env, AS2GW_TOKEN_SECRET: 'canary-secret-3' };
    const { code, out, err } = await as2gw(['stations']);
    expect(code).toBe(1);
    expect(err).toMatch(/401|refused/i);
    expect(out + err).not.toContain('canary-secret-3');
  });

  test('are asked for by name where there are none', async () => {
    await start();
    env = { AS2GW_URL: gateway.url };
    const { code, err } = await as2gw(['stations']);
    expect([code, err]).toEqual([1, expect.stringContaining('AS2GW_TOKEN_ID')]);
    expect(existsSync('/nonexistent/mft-bridge-test')).toBe(false);
  });
});
