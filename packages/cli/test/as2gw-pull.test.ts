import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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

    const place = join(scratch.path, '4711@acme.example', 'a (2).edi');
    writeFileSync(place, 'mine');
    const again = await as2gw(['inbox', 'pull', '--to', scratch.path, '--mark-read']);
    expect(readFileSync(place, 'utf8')).toBe('mine');
    expect([again.code, again.out]).toEqual([1, expect.stringContaining('exists already')]);
    // The one that could not be stored stays unread, the other one is done.
    expect((await as2gw(['inbox', 'ls', '--json'])).json()).toEqual([
      expect.objectContaining({ id: one.messageId }),
    ]);
    expect((await as2gw(['inbox', 'pull', '--to', scratch.path, '--mark-read', '--force'])).code).toBe(0);
    expect((await as2gw(['inbox', 'pull', '--to', scratch.path])).out).toBe('No unread messages.\n');
    expect(readdirSync(join(scratch.path, '4711@acme.example')).sort()).toEqual(['a (2).edi', 'a.edi']);
  });

  test('goes on where an earlier run stopped: what is stored already is no hindrance', async () => {
    const { messageId } = await gateway.partner('ACME').send({
      attachments: [
        { name: 'a.edi', content: text('first') },
        { name: 'b.edi', content: text('second') },
      ],
    });
    const pull = (...more: string[]) => as2gw(['inbox', 'pull', '--flat', '--to', scratch.path, ...more]);
    expect((await pull()).code).toBe(0);
    rmSync(join(scratch.path, 'b.edi'));
    const again = await pull('--mark-read', '--json');
    expect([again.code, again.json()]).toEqual([
      0,
      [
        expect.objectContaining({
          id: messageId,
          files: [
            { name: 'a.edi', path: join(scratch.path, 'a.edi'), size: 5 },
            { name: 'b.edi', path: join(scratch.path, 'b.edi'), size: 6 },
          ],
        }),
      ],
    ]);
    expect(readFileSync(join(scratch.path, 'b.edi'), 'utf8')).toBe('second');
  });

  test('of one message stores all files or none', async () => {
    await gateway.partner('ACME').send({
      attachments: ['a.edi', 'b.edi'].map((name) => ({ name, content: text(name) })),
    });
    gateway.faults.add({ on: 'GET /{bucket}/{*key}', fault: { kind: 'status', status: 404 }, after: 1 });
    const cut = await as2gw(['inbox', 'pull', '--flat', '--to', scratch.path, '--mark-read']);
    expect([cut.code, readdirSync(scratch.path)]).toEqual([1, []]);
    gateway.faults.clear();
    // Longer, shorter, and not the same: none of them is taken for what the partner sent.
    for (const other of ['b.ed', 'b.edi and more', 'B.edi']) {
      writeFileSync(join(scratch.path, 'b.edi'), other);
      const { code, out } = await as2gw(['inbox', 'pull', '--flat', '--to', scratch.path]);
      expect([code, out]).toEqual([1, expect.stringContaining('exists already')]);
      expect(readdirSync(scratch.path)).toEqual(['b.edi']);
      expect(readFileSync(join(scratch.path, 'b.edi'), 'utf8')).toBe(other);
    }
    expect((await as2gw(['inbox', 'ls', '--json'])).json()).toHaveLength(1);
  });

  test.each(['named', 'unread'])('takes no message whose list of files is not whole: %s', async (which) => {
    const { messageId } = await acme('a.edi', 'one');
    const half = createServer((request, response) => {
      void fetch(`${gateway.url}${request.url ?? ''}`, {
        method: request.method ?? 'GET',
        headers: {
          authorization: request.headers.authorization ?? '',
          ...(request.method === 'POST' ? { 'content-type': 'application/json' } : {}),
        },
        ...(request.method === 'POST' ? { body: request, duplex: 'half' } : {}),
      }).then(async (answer) => {
        const json = await answer.text();
        response.writeHead(answer.status, { 'content-type': 'application/json' });
        response.end(json.replace('"total":1', '"total":2'));
      });
    });
    await new Promise<void>((done) => half.listen(0, '127.0.0.1', done));
    const { port } = half.address() as AddressInfo;
    const ids = which === 'named' ? [messageId] : [];
    const { code, out } = await as2gw(['inbox', 'pull', ...ids, '--to', scratch.path, '--mark-read'], {
      env: { ...env, AS2GW_URL: `http://127.0.0.1:${String(port)}` },
    });
    half.closeAllConnections();
    half.close();
    expect([code, out]).toEqual([1, expect.stringContaining('2')]);
    expect(readdirSync(scratch.path)).toEqual([]);
    expect((await as2gw(['inbox', 'ls', '--json'])).json()).toHaveLength(1);
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
