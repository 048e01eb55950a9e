import type { As2GatewaySandbox } from '@mft-bridge/sandbox';
import { startAs2GatewaySandbox } from '@mft-bridge/sandbox';
import type { CliOptions } from './run-cli';
import { runCli } from './run-cli';
import type { Scratch } from './scratch';
import { createScratch } from './scratch';

let gateway: As2GatewaySandbox;
let scratch: Scratch;
let env: Record<string, string>;
beforeEach(async () => {
  gateway = await startAs2GatewaySandbox();
  scratch = createScratch();
  const { tokenId, tokenSecret } = gateway.credentials;
  env = { AS2GW_URL: gateway.url, AS2GW_TOKEN_ID: tokenId, AS2GW_TOKEN_SECRET: tokenSecret };
});
afterEach(async () => {
  await gateway.close();
  scratch.remove();
});

const as2gw = (args: string[], options: CliOptions = {}) =>
  runCli('as2gw', [...args, '--rate', '0'], { env, ...options });
const text = (content: string): Buffer => Buffer.from(content);
const acme = (name: string, content: string, more = {}) =>
  gateway
    .partner('ACME')
    .send({ subject: 'orders', attachments: [{ name, content: text(content) }], ...more });

test('ls lists unread messages, oldest first, and marks nothing', async () => {
  const first = await acme('1.edi', 'one');
  const second = await acme('2.edi', 'two');
  const { out, code } = await as2gw(['inbox', 'ls']);
  expect(code).toBe(0);
  expect(out).toMatch(/^ID +TIME +PARTNER +STATION +STATE +FILES +SUBJECT\n/);
  expect(out.indexOf(first.messageId)).toBeLessThan(out.indexOf(second.messageId));
  const rows = (await as2gw(['inbox', 'ls', '--json'])).json();
  expect(rows).toEqual([
    expect.objectContaining({
      id: first.messageId,
      partner: 'ACME',
      station: 'HUB',
      read: false,
      attachmentNames: ['1.edi'],
    }),
    expect.objectContaining({ id: second.messageId }),
  ]);
  expect((await as2gw(['inbox', 'ls', '--ids-only'])).out).toBe(
    `ID\n${first.messageId}\n${second.messageId}\n`,
  );
  expect((await as2gw(['inbox', 'ls', '--partner', 'GLOBEX'])).out).toBe('No unread messages.\n');
  const two = await as2gw(['inbox', 'ls', '--partner', 'ACME', '--subject', 'orders']);
  expect([two.code, two.err]).toEqual([1, expect.stringContaining('would ignore it')]);
});

test('get shows one message, and marks it read only when told to', async () => {
  const { messageId } = await acme('a.edi', 'one');
  expect((await as2gw(['inbox', 'get', messageId])).out).toMatch(/from {6}ACME\n.*file {6}a\.edi\n/s);
  expect((await as2gw(['inbox', 'get', messageId, '--json'])).json()).toEqual([
    expect.objectContaining({ id: messageId, read: false, attachmentNames: ['a.edi'] }),
  ]);
  await as2gw(['inbox', 'get', messageId, '--mark-read']);
  expect((await as2gw(['inbox', 'ls'])).out).toBe('No unread messages.\n');
  expect((await as2gw(['inbox', 'ls', '--all'])).out).toContain(messageId);
  expect((await as2gw(['inbox', 'get', '<nobody@nowhere>'])).code).toBe(1);
});

test('watch shows what comes in, a line a message, and marks nothing', async () => {
  await acme('old.edi', 'old');
  let looks = 0;
  const { out, code } = await as2gw(['watch', '--count', '2', '--interval', '1s'], {
    sleep: async () => {
      looks += 1;
      if (looks < 3)
        await acme(`new-${String(looks)}.edi`, 'x', { subject: `\u001b[31mnumber ${String(looks)}` });
    },
  });
  expect(code).toBe(0);
  const lines = out.trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(
    /^\d{4}-\d\d-\d\d \S+Z {2}ACME -> HUB {2}\\u\{1b\}\[31mnumber 1 {2}\[new-1\.edi\] {2}</,
  );
  expect((await as2gw(['inbox', 'ls', '--json'])).json()).toHaveLength(3);
});

test('watch --from-start begins with what is unread, lives through an outage, and ends with Ctrl-C', async () => {
  const { messageId } = await acme('read.edi', 'read');
  await as2gw(['inbox', 'get', messageId, '--mark-read']);
  await acme('old.edi', 'old');
  const interrupt = new AbortController();
  let looks = 0;
  const { json, err, code } = await as2gw(['watch', '--from-start', '--json'], {
    signal: interrupt.signal,
    sleep: async (ms) => {
      // Waits between two tries are shorter than those between two looks.
      if (ms < 10_000) return;
      looks += 1;
      if (looks === 1) await gateway.unplug();
      if (looks === 2) {
        await gateway.plug();
        await acme('new.edi', 'new');
      }
      if (looks === 3) interrupt.abort();
    },
  });
  expect(code).toBe(0);
  expect(json().map(({ attachmentNames }) => attachmentNames)).toEqual([['old.edi'], ['new.edi']]);
  expect(err).toMatch(/connection/i);
});
