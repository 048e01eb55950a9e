/**
 * A process of its own that deposits, for the tests that kill it or weigh it.
 * Arguments: directory, key file, then `endless`, or the number of MiB of one deposit that is read back.
 */
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { openDirectoryCustody } from '../src/custody/directory-custody';
import { openKeyRing } from '../src/custody/key-ring';

const mebibyte = 1024 * 1024;
const [root = '', mode = ''] = process.argv.slice(2);

function source(bytes: number): Readable {
  const block = Buffer.alloc(65_536, 7);
  const blocks = function* (): Generator<Buffer> {
    for (let sent = 0; sent < bytes; sent += block.length) yield block;
  };
  return Readable.from(blocks(), { objectMode: false });
}

async function main(): Promise<void> {
  const { ring } = await openKeyRing({ path: join(root, 'keys.json'), holdsData: false, now: Date.now });
  const custody = await openDirectoryCustody({
    directory: join(root, 'custody'),
    keyRing: ring,
    minFreeBytes: 0,
  });
  if (mode === 'endless') {
    for (let round = 0; ; round += 1) {
      const { key } = await custody.deposit(source(((round % 4) + 1) * mebibyte), { name: 'x' });
      process.stdout.write(`${key}\n`);
    }
  }
  const resident: number[] = [];
  for (const size of mode.split(',').map(Number)) {
    let peak = 0;
    const weigh = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 5);
    const { key } = await custody.deposit(source(size * mebibyte), { name: 'x' });
    let bytes = 0;
    for await (const chunk of custody.open(key)) bytes += (chunk as Buffer).length;
    if (bytes !== size * mebibyte) throw new Error(`${bytes} bytes came back`);
    await custody.remove(key);
    clearInterval(weigh);
    resident.push(peak);
  }
  process.stdout.write(JSON.stringify(resident));
}

void main();
