import { Readable } from 'node:stream';
import { createBlobStore } from '../src/blob-store';
import { createClamd, findClamd, type ClamdAddress } from '../src/scanner/engine/clamd';
import { createClamdEngine } from '../src/scanner/engine/clamd-engine';
import { createEngine, type Engine, type Inspection } from '../src/scanner/engine/inspect';
import { worstOf } from '../src/scanner/engine/worst-of';
import { eicar } from '../src/scanner/engine/needle-search';
import { startMetaDefenderSandbox } from '../src/scanner/metadefender-sandbox';
import { startFakeClamd, type FakeClamd } from './scanner-fake-clamd';
import { call, sha256, upload, zip } from './scanner-kit';

const store = createBlobStore();
const open: FakeClamd[] = [];
afterEach(() => Promise.all(open.splice(0).map((fake) => fake.close())));
afterAll(() => store.close());

async function fake(...given: Parameters<typeof startFakeClamd>): Promise<FakeClamd> {
  const started = await startFakeClamd(...given);
  open.push(started);
  return started;
}
const blob = (content: Uint8Array) => store.fromBytes(content);

describe('the protocol of clamd(8)', () => {
  test('a stream arrives as it is, in pieces behind their lengths, whatever the size', async () => {
    const daemon = await fake(() => 'OK');
    const clamd = createClamd(daemon.address);
    for (const bytes of [0, 1, 70_000, 5_000_000]) {
      const content = store.generated(bytes, 'clamd');
      await expect(clamd.scan(content.read())).resolves.toEqual({ kind: 'clean' });
      expect(daemon.streams.at(-1)).toMatchObject({ bytes, sha256: await content.sha256() });
    }
    // An empty piece would end the stream.
    const pieces = Readable.from([Buffer.from('a'), Buffer.alloc(0), Buffer.from('b')]);
    await clamd.scan(pieces);
    expect(daemon.streams.at(-1)).toMatchObject({ bytes: 2, pieces: 2 });
  });

  test('finds, names, and tells its version', async () => {
    const clamd = createClamd((await fake(() => 'Win.Test.EICAR_HDB-1 FOUND')).address);
    await expect(clamd.scan(Readable.from([Buffer.from('x')]))).resolves.toEqual({
      kind: 'found',
      signature: 'Win.Test.EICAR_HDB-1',
    });
    await expect(clamd.version()).resolves.toBe('ClamAV 0.0.0-fake');
    await expect(clamd.ping()).resolves.toBeUndefined();
  });

  test('an answer before the end stops the sending: more than StreamMaxLength', async () => {
    const daemon = await fake(() => 'OK', { limit: 1_000_000 });
    const source = store.generated(200_000_000, 'too large').read();
    const finding = createClamd(daemon.address).scan(source);
    // The daemon hangs up on what is still under way, so its words may be lost: never a clean bill either way.
    await expect(
      finding.catch((error: unknown) => ({ kind: 'error', text: String(error) })),
    ).resolves.toMatchObject({
      kind: 'error',
      text: expect.stringMatching(/size limit exceeded|cut the connection|without an answer/),
    });
    expect(source.destroyed).toBe(true);
    expect(daemon.streams).toEqual([]);
  });

  test('nobody there, a hang-up and a broken source are errors', async () => {
    const gone = await fake(() => 'OK');
    await gone.close();
    await expect(createClamd(gone.address).ping()).rejects.toThrow('cannot be reached');
    const rude = await fake(() => 'OK', { hangUp: true });
    await expect(createClamd(rude.address).scan(Readable.from([Buffer.from('x')]))).rejects.toThrow(
      /clamd at/,
    );
    const broken = Readable.from(
      (function* () {
        yield Buffer.from('x');
        throw new Error('disk is gone');
      })(),
    );
    await expect(createClamd((await fake(() => 'OK')).address).scan(broken)).rejects.toThrow('disk is gone');
    await expect(findClamd([gone.address, { socket: '/nowhere/clamd.ctl' }])).resolves.toBeUndefined();
    const there = await fake(() => 'OK');
    await expect(findClamd([gone.address, there.address])).resolves.toEqual(there.address);
  });
});

describe('what its words mean', () => {
  test.each([
    ['OK', 'allowed', ''],
    ['Win.Test.EICAR_HDB-1 FOUND', 'blocked', 'Infected'],
    ['Heuristics.Encrypted.Zip FOUND', 'unscannable', 'Encrypted Archive'],
    ['Heuristics.Limits.Exceeded.MaxFileSize FOUND', 'unscannable', 'Exceeded Archive Size'],
    ["Can't allocate memory ERROR", 'unscannable', "clamd: Can't allocate memory ERROR"],
    ['something new', 'unscannable', 'clamd: something new'],
  ])('%s: %s', async (reply, verdict, reason) => {
    const engine = createClamdEngine(createClamd((await fake(() => reply)).address));
    await expect(engine(await blob(Buffer.from('x')), 'x')).resolves.toMatchObject({
      verdict,
      reason,
      sha256: sha256(Buffer.from('x')),
    });
  });
});

describe('the worst verdict wins', () => {
  const says =
    (verdict: Inspection['verdict'], reason: string): Engine =>
    async (content) => ({ verdict, reason, sha256: await content.sha256(), failedAction: '' });
  const order = ['allowed', 'sanitized', 'unscannable', 'blocked'] as const;

  test.each(order.flatMap((a) => order.map((b) => [a, b] as const)))('%s and %s', async (a, b) => {
    const worst = order.indexOf(a) >= order.indexOf(b) ? 'a' : 'b';
    const engine = worstOf([says(a, 'a'), says(b, 'b')]);
    await expect(engine(await blob(Buffer.from('x')), 'x')).resolves.toMatchObject({ reason: worst });
  });

  test('an engine that fails has not scanned, and what nobody serves is thrown away', async () => {
    const failing = worstOf([says('allowed', ''), () => Promise.reject(new Error('clamd is gone'))]);
    await expect(failing(await blob(Buffer.from('x')), 'x')).resolves.toMatchObject({
      verdict: 'unscannable',
      reason: 'clamd is gone',
      failedAction: 'Scan Failed',
    });
    const content = await blob(Buffer.from('clean'));
    const sanitizing: Engine = async () => ({
      verdict: 'sanitized',
      sha256: '',
      reason: '',
      failedAction: '',
      sanitized: { content, size: 5, sha256: '' },
    });
    const { sanitized } = await worstOf([sanitizing, says('blocked', 'b')])(
      await blob(Buffer.from('x')),
      'x',
    );
    expect(sanitized).toBeUndefined();
    await expect(content.bytes()).rejects.toThrow();
  });
});

describe("a scanner with engine 'clamd'", () => {
  test('has clamd look at every file, and says what it found', async () => {
    const daemon = await fake((content) => (content.includes('macro') ? 'Doc.Macro FOUND' : 'OK'));
    const scanner = await startMetaDefenderSandbox({ engine: 'clamd', clamd: daemon.address });
    const [bad, good] = [
      await upload(scanner, 'a.doc', Buffer.from('a macro')),
      await upload(scanner, 'b.doc', Buffer.from('text')),
    ];
    const state = async ({ fileId }: { fileId: string }) =>
      (await call(scanner, `GET /file/status/${fileId}`)).body.availability_state;
    expect([await state(bad), await state(good)]).toEqual(['Blocked', 'Available']);
    expect(scanner.scanned).toMatchObject([
      { verdict: 'blocked', signature: 'Doc.Macro' },
      { verdict: 'allowed' },
    ]);
    // A daemon that goes away later has not scanned.
    await daemon.close();
    expect(await state(await upload(scanner, 'c.doc', Buffer.from('text')))).toBe('ProcessingFailed');
    // What our own engine finds it finds without clamd.
    expect(await state(await upload(scanner, 'e.com', eicar()))).toBe('Blocked');
    await scanner.close();
  });

  test('does not start where none answers', async () => {
    const gone = await fake(() => 'OK');
    await gone.close();
    await expect(startMetaDefenderSandbox({ engine: 'clamd', clamd: gone.address })).rejects.toThrow(
      'no clamd answers',
    );
  });
});

describe('a real clamd', () => {
  /** Asked for where its packages put it, or at `CLAMD=host:port`. Without one this says so and tests nothing. */
  async function real(): Promise<ClamdAddress | undefined> {
    const [host, port] = (process.env['CLAMD'] ?? '').split(':');
    const given = host !== undefined && port !== undefined ? [{ host, port: Number(port) }] : undefined;
    const found = await findClamd(given);
    if (found === undefined)
      process.stderr.write('No clamd answers here: the tests against it are skipped.\n');
    return found;
  }

  test('agrees with our engine about EICAR, alone and in a ZIP, and about harmless files', async () => {
    const address = await real();
    if (address === undefined) return;
    const clamd = createClamd(address);
    await expect(clamd.version()).resolves.toMatch(/^ClamAV \d/);
    const engines = [createClamdEngine(clamd), createEngine({ store })];
    const contents = {
      eicar: eicar(),
      zipped: await zip({ 'a.txt': Buffer.from('a'), 'e.com': eicar() }),
      text: Buffer.from('ISA*00*'),
      empty: Buffer.alloc(0),
      noise: await store.generated(3_000_000, 'noise').bytes(),
    };
    for (const [name, content] of Object.entries(contents)) {
      const [theirs, ours] = await Promise.all(
        engines.map(async (engine) => engine(await blob(content), name)),
      );
      expect([name, theirs!.verdict]).toEqual([name, ours!.verdict]);
    }
  });
});
