import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { As2GatewaySandbox } from '@mft-bridge/sandbox';
import { startAs2GatewaySandbox } from '@mft-bridge/sandbox';
import type { CliOptions } from './run-cli';
import { runCli } from './run-cli';
import type { Scratch } from './scratch';
import { createScratch } from './scratch';

// Escape, bell, and the mark that turns the direction of text.
const UNSAFE = new RegExp(`[${['\u001b', '\u0007', '\u202e'].join('')}]`);

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

describe('pull', () => {
  test('stores all files of all messages, and marks nothing read unless told to', async () => {
    const one = await gateway.partner('ACME').send({
      messageId: '<4711@acme.example>',
      attachments: [
        { name: 'a.edi', content: text('first') },
        { name: 'a.edi', content: text('second') },
      ],
    });
    await acme('b.edi', 'third');
    const first = await as2gw(['inbox', 'pull', '--to', scratch.path, '--json', '--limit', '1']);
    expect([first.err, first.code]).toEqual(['', 0]);
    expect(first.json()).toEqual([
      {
        id: one.messageId,
        pulled: true,
        partner: 'ACME',
        read: false,
        files: [
          { name: 'a.edi', path: join(scratch.path, '4711@acme.example', 'a.edi'), size: 5 },
          { name: 'a.edi', path: join(scratch.path, '4711@acme.example', 'a (2).edi'), size: 6 },
        ],
      },
    ]);
    expect(readFileSync(join(scratch.path, '4711@acme.example', 'a (2).edi'), 'utf8')).toBe('second');
    expect((await as2gw(['inbox', 'ls', '--json'])).json()).toHaveLength(2);

    const again = await as2gw(['inbox', 'pull', '--to', scratch.path, '--mark-read']);
    expect([again.code, again.out]).toEqual([1, expect.stringContaining('exists already')]);
    // The one that could not be stored stays unread, the other one is done.
    expect((await as2gw(['inbox', 'ls', '--json'])).json()).toEqual([
      expect.objectContaining({ id: one.messageId }),
    ]);
    expect((await as2gw(['inbox', 'pull', '--to', scratch.path, '--mark-read', '--force'])).code).toBe(0);
    expect((await as2gw(['inbox', 'pull', '--to', scratch.path])).out).toBe('No unread messages.\n');
    expect(readdirSync(join(scratch.path, '4711@acme.example')).sort()).toEqual(['a (2).edi', 'a.edi']);
  });

  test('a hostile name stays inside, and an escape in it does not reach the terminal', async () => {
    const id = '<../../../evil/../x\u001b]0;pwned\u0007@acme>';
    await acme('../../../../tmp/evil\u001b[2J.sh', 'x', {
      messageId: id,
      subject: 'hello \u001b[31mred\u202e',
    });
    const { out, code } = await as2gw(['inbox', 'pull', '--to', join(scratch.path, 'in')], { columns: 120 });
    expect(code).toBe(0);
    const [directory = ''] = readdirSync(join(scratch.path, 'in'));
    expect(readdirSync(scratch.path)).toEqual(['in']);
    expect(directory).toMatch(/-[0-9a-f]{12}$/);
    expect(readdirSync(join(scratch.path, 'in', directory))).toEqual(['evil[2J.sh']);
    for (const command of [
      ['inbox', 'ls', '--all'],
      ['inbox', 'get', id],
      ['inbox', 'ls', '--all', '--json'],
    ]) {
      const shown = await as2gw(command, { columns: 120 });
      expect(shown.out).not.toMatch(UNSAFE);
    }
    expect(out).not.toMatch(UNSAFE);
  });

  test('of named messages fetches read ones as well, and goes on after one that is not there', async () => {
    const { messageId } = await acme('a.edi', 'one');
    await as2gw(['inbox', 'get', messageId, '--mark-read']);
    const { code, json } = await as2gw([
      'inbox',
      'pull',
      '<no@body>',
      messageId,
      '--flat',
      '--to',
      scratch.path,
      '--json',
    ]);
    expect(code).toBe(1);
    expect(json()).toEqual([
      expect.objectContaining({ id: '<no@body>', pulled: false }),
      expect.objectContaining({ id: messageId, pulled: true }),
    ]);
    expect(readFileSync(join(scratch.path, 'a.edi'), 'utf8')).toBe('one');
  });

  test('a download that is cut is taken up again; one that cannot be leaves no file and no read mark', async () => {
    await gateway
      .partner('ACME')
      .send({ attachments: [{ name: 'big.bin', generate: { bytes: 300_000, seed: 1 } }] });
    const pull = (...more: string[]) => as2gw(['inbox', 'pull', '--flat', '--to', scratch.path, ...more]);
    const cut = gateway.faults.add({
      on: 'GET /{bucket}/{*key}',
      fault: { kind: 'truncate', afterBytes: 0 },
    });
    expect((await pull('--mark-read')).code).toBe(1);
    expect(cut.hits).toBeGreaterThan(0);
    expect(readdirSync(scratch.path)).toEqual([]);
    expect((await as2gw(['inbox', 'ls', '--json'])).json()).toHaveLength(1);
    cut.remove();
    gateway.faults.add({ on: 'GET /{bucket}/{*key}', fault: { kind: 'truncate' }, times: 1 });
    expect((await pull()).code).toBe(0);
    const sha256 = createHash('sha256')
      .update(readFileSync(join(scratch.path, 'big.bin')))
      .digest('hex');
    expect(sha256).toBe(gateway.sent[0]?.attachments[0]?.sha256);
  });
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
