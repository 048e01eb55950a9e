import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { CustodyFullError } from '../src/custody/custody';
import { openDirectoryCustody } from '../src/custody/directory-custody';
import { openKeyRing } from '../src/custody/key-ring';

jest.setTimeout(240_000);

const mebibyte = 1024 * 1024;
let root: string;
beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'custody-process-'))));
afterEach(() => rm(root, { recursive: true, force: true }));

function start(mode: string): ChildProcess {
  const repository = resolve(__dirname, '../../..');
  return spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'custody-child.ts'), root, mode], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

const openRing = async (): ReturnType<typeof openKeyRing> =>
  openKeyRing({ path: join(root, 'keys.json'), holdsData: false, now: () => 0 });

test('kill -9 during deposits: what was acknowledged is whole, what was not is not visible, nothing half stays', async () => {
  for (const delay of [3, 11, 23]) {
    const child = start('endless');
    let output = '';
    await new Promise<void>((done) => {
      child.stdout?.on('data', (data) => {
        // The first line says that it is at work; then any instant will do.
        if (output === '') setTimeout(() => child.kill('SIGKILL'), delay);
        output += String(data);
      });
      child.once('close', () => done());
    });
    const acknowledged = output.split('\n').slice(0, -1);
    expect(acknowledged.length).toBeGreaterThan(0);

    const { ring } = await openRing();
    const custody = await openDirectoryCustody({
      directory: join(root, 'custody'),
      keyRing: ring,
      minFreeBytes: 0,
    });
    expect(await readdir(join(root, 'custody', 'tmp'))).toEqual([]);
    const visible: string[] = [];
    for await (const { key } of custody.list()) visible.push(key);
    expect(visible).toEqual(expect.arrayContaining(acknowledged));
    // One deposit may have been complete when the process died before it could say so: it is whole, too.
    expect(visible.length).toBeLessThanOrEqual(acknowledged.length + 1);
    for (const key of visible) {
      expect((await buffer(custody.open(key))).length % mebibyte).toBe(0);
      await custody.remove(key);
    }
  }
});

test('memory stays flat: 512 MiB take about as much as 64 MiB', async () => {
  const child = start('64,512');
  const [output, code] = await Promise.all([
    child.stdout === null ? '' : buffer(child.stdout).then(String),
    new Promise((done) => child.once('close', done)),
  ]);
  expect(code).toBe(0);
  const [small, large] = JSON.parse(output) as [number, number];
  expect(large - small).toBeLessThan(60 * mebibyte);
});

test('a disk that runs full refuses, leaves nothing behind, and takes again when there is room', async () => {
  const mount = join(root, 'small');
  await mkdir(mount);
  const mounted =
    process.platform === 'linux' &&
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', mount]).status === 0;
  if (!mounted) {
    console.warn('skipped: a small tmpfs cannot be mounted here (not root)');
    return;
  }
  try {
    const { ring } = await openRing();
    const directory = join(mount, 'custody');
    const custody = await openDirectoryCustody({ directory, keyRing: ring, minFreeBytes: 0 });
    const chunks = (count: number): Readable =>
      Readable.from(Array.from({ length: count }, () => Buffer.alloc(mebibyte)));
    const before = await custody.room();
    await expect(custody.deposit(chunks(40), { name: 'x' })).rejects.toThrow(CustodyFullError);
    expect(await readdir(join(directory, 'tmp'))).toEqual([]);
    expect(await custody.room()).toBe(before);
    expect((await custody.deposit(chunks(2), { name: 'x' })).size).toBe(2 * mebibyte);

    // With a reserve it stops in the middle of a deposit, before the disk is full.
    spawnSync('mount', ['-o', 'remount,size=64m', mount]);
    const careful = await openDirectoryCustody({ directory, keyRing: ring, minFreeBytes: 30 * mebibyte });
    let taken = 0;
    const refused = careful.deposit(chunks(80), { name: 'x', onBytes: (total) => (taken = total) });
    await expect(refused).rejects.toThrow(/the reserve of custody/);
    expect(taken).toBeLessThan(60 * mebibyte);
  } finally {
    spawnSync('umount', [mount]);
  }
});
