import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { Parcel } from './destination';
import { clearStaged, stageFile } from './stage-file';

const bytes = Buffer.from('the bytes that were cleared');
const parcel = (open: () => Readable): Parcel => ({
  name: 'order.edi',
  contentType: null,
  size: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
  open,
});
const steps = (signal = new AbortController().signal) => ({ signal, onBytes: () => undefined });

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stage-file-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test('a bridge that goes on when another has published already stages nothing, and leaves nothing', async () => {
  const path = join(directory, 'delivery');
  let isHeld = true;
  const checkHeld = (): void => {
    if (!isHeld) throw new Error('taken over');
  };
  const source = new PassThrough();
  const rescued = stageFile(
    parcel(() => source),
    path,
    { ...steps(), checkHeld },
  );
  rescued.catch(() => undefined);
  // It has begun only now: the other has staged, published and cleared up before.
  isHeld = false;
  source.end(bytes);
  await expect(rescued).rejects.toThrow('taken over');
  expect(await readdir(directory)).toEqual([]);
  await expect(
    stageFile(
      parcel(() => Readable.from([bytes])),
      path,
      { ...steps(), checkHeld },
    ),
  ).rejects.toThrow('taken over');
  isHeld = true;
  await stageFile(
    parcel(() => Readable.from([bytes])),
    path,
    { ...steps(), checkHeld },
  );
  expect(await readdir(directory)).toEqual(['delivery']);
});

test.each(['is cut off', 'comes to its end'])(
  'a bridge that was stopped in the middle and %s takes nothing away that another has staged meanwhile',
  async (end) => {
    const path = join(directory, 'delivery');
    const source = new PassThrough();
    const abort = new AbortController();
    const stopped = stageFile(
      parcel(() => source),
      path,
      steps(abort.signal),
    ).then(
      () => 'done',
      () => 'failed',
    );
    source.write(bytes.subarray(0, 5));
    for (let names: string[] = []; names.length === 0;) names = await readdir(directory);

    const whole = parcel(() => Readable.from([bytes]));
    await stageFile(whole, path, steps());
    expect(await readFile(path)).toEqual(bytes);
    if (end === 'is cut off') abort.abort(new Error('the bridge was stopped'));
    source.end(bytes.subarray(5));
    expect(await stopped).toBe('failed');
    expect(await readFile(path)).toEqual(bytes);
    expect(await readdir(directory)).toEqual(['delivery']);
    await clearStaged(path);
    expect(await readdir(directory)).toEqual([]);
  },
);
