import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { startPair } from './start-pair';
import type { Pair } from './start-pair';

const folder = resolve(__dirname, '../examples');
// The package by its own name, from its sources: what a reader of the example writes.
const node = ['--conditions=@mft-bridge/source', '--import', 'tsx'];

describe('the examples', () => {
  let pair: Pair;
  let directory: string;
  beforeAll(async () => {
    pair = await startPair({ sendDelayMs: 10, outboxHiddenMs: 0 });
    directory = mkdtempSync(join(tmpdir(), 'as2-examples-'));
  });
  afterAll(async () => {
    await pair.close();
    rmSync(directory, { recursive: true });
  });

  const env = () => ({
    PATH: process.env['PATH'],
    AS2_GATEWAY_URL: pair.sandbox.url,
    AS2_TOKEN_ID: pair.sandbox.credentials.tokenId,
    AS2_TOKEN_SECRET: pair.sandbox.credentials.tokenSecret,
  });
  const run = (example: string, ...args: string[]) =>
    new Promise<{ code: unknown; out: string; err: string }>((done) => {
      execFile(
        process.execPath,
        [...node, join(folder, example), ...args],
        { env: env() },
        (error, out, err) => {
          done({ code: error ? error.code : 0, out, err });
        },
      );
    });
  const order = (name: string) => ({ attachments: [{ name, content: Buffer.from(`<${name}/>`) }] });

  it('are all run by this suite', () => {
    const text = readFileSync(__filename, 'utf8');
    const missing = readdirSync(folder).filter((name) => !text.includes(`'${name}'`));
    expect(missing).toEqual([]);
  });

  it('receive', async () => {
    const { messageId } = await pair.sandbox.partner('ACME').send(order('../../a.xml'));
    const target = join(directory, 'inbox');
    expect(await run('receive.ts', 'HUB', target)).toEqual({
      code: 0,
      out: `${messageId} from ACME: ../../a.xml\n`,
      err: '',
    });
    const [taken] = readdirSync(target);
    expect(readFileSync(join(target, taken!, 'attachment-0'), 'utf8')).toBe('<../../a.xml/>');
    expect(await run('receive.ts', 'HUB', target)).toEqual({ code: 0, out: '', err: '' });
  });

  it('send', async () => {
    const file = join(directory, 'invoice.xml');
    writeFileSync(file, '<invoice/>');
    const { code, out } = await run('send.ts', 'HUB', 'WAREHOUSE', file);
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(/^queued as <.+>\nsent: .*processed\n$/),
    });
    expect(pair.sandbox.partner('WAREHOUSE').received).toMatchObject([
      { attachments: [{ name: 'invoice.xml' }] },
    ]);
  });

  it('receive by webhooks', async () => {
    const secret = randomBytes(32).toString('base64url');
    const child = spawn(process.execPath, [...node, join(folder, 'webhook-server.ts')], {
      env: { ...env(), WEBHOOK_SECRET: secret },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const port = /^listening on (\d+)$/.exec(String((await lines.next()).value))?.[1];
      pair.sandbox.webhooks.setTarget({ url: `http://127.0.0.1:${port!}/hooks/${secret}` });
      const { messageId } = await pair.sandbox.partner('ACME').send(order('b.xml'));
      await pair.sandbox.webhooks.flush();
      expect((await lines.next()).value).toBe(`taken ${messageId} from ACME`);
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
      pair.sandbox.webhooks.removeTarget();
    }
  });

  it('list certificates', async () => {
    const { code, out } = await run('certificates.ts');
    expect(code).toBe(0);
    expect(out).toMatch(/^ +\d+ days {2}STATION {2}\S+/m);
  });

  it('add a partner, and say what is wrong with it', async () => {
    const file = join(directory, 'no-certificate');
    writeFileSync(file, Buffer.from('00ff', 'hex'));
    const { code, err } = await run('add-partner.ts', 'NEWCO', 'https://as2.newco.example/', file);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/^encryptionCertificate: .+\n$/) });
  });

  it('test your own code', async () => {
    expect(await run('test-with-sandbox.ts')).toEqual({ code: 0, out: 'all is well\n', err: '' });
  });
});
