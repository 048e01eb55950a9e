/**
 * Download + hash + custody against the shell: `npx tsx bench/custody.ts [--mb 1024] [--rounds 5]`
 *
 * One local HTTP server in a process of its own serves the bytes to both. The floor is
 * `curl | tee FILE | openssl dgst -sha256`: three processes, which is why it can beat one that does all. Neither the
 * floor nor the row "plain" encrypts; neither row of ours is spared its fsync. Median of the rounds, one warm-up before.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { openDirectoryCustody } from '../apps/bridge/src/custody/directory-custody';
import { openKeyRing } from '../apps/bridge/src/custody/key-ring';
import type { Sealer } from '../apps/bridge/src/custody/seal-frames';
import { writeDeposit } from '../apps/bridge/src/custody/write-deposit';
import { createTransport } from '../packages/http-transport/src/index';

const { values } = parseArgs({ options: { mb: { type: 'string' }, rounds: { type: 'string' } } });
const bytes = Number(values.mb ?? 1024) * 1024 * 1024;
const rounds = Number(values.rounds ?? 5);
const serverSource = `
const { randomBytes } = require('node:crypto');
const { Readable } = require('node:stream');
const block = randomBytes(1048576);
const blocks = function* () { for (let sent = 0; sent < ${bytes}; sent += block.length) yield block; };
const server = require('node:http').createServer((request, response) => {
  response.writeHead(200, { 'content-length': ${bytes} });
  Readable.from(blocks()).pipe(response);
}).listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume().on('end', () => process.exit()); // ends with the bench, however that ends
`;
const server = spawn(process.execPath, ['-e', serverSource], { stdio: ['pipe', 'pipe', 'inherit'] });
const port = await new Promise<string>((resolve) =>
  server.stdout.once('data', (data) => resolve(String(data).trim())),
);
const baseUrl = `http://127.0.0.1:${port}`;
const directory = await mkdtemp(join(tmpdir(), 'custody-bench-'));
const { ring } = await openKeyRing({ path: join(directory, 'keys.json'), holdsData: false, now: Date.now });
const custody = await openDirectoryCustody({
  directory: join(directory, 'custody'),
  keyRing: ring,
  minFreeBytes: 0,
});
const transport = createTransport({ baseUrl });
const operation = { name: 'bench.file', method: 'GET', path: '/', safety: 'safe', auth: 'none' } as const;
const download = async (): Promise<Readable> => (await transport.download(operation, {})).body;
const plainFile = join(directory, 'plain');

/** Stands in for encryption. Small pieces are copied, since their buffer is used again. */
const unsealed: Sealer = {
  header: Buffer.alloc(0),
  update: (chunk) => [chunk.length < 65_536 ? Buffer.from(chunk) : chunk],
  final: () => [],
};

const ways: Record<string, () => Promise<void>> = {
  'curl | tee | openssl dgst': () =>
    new Promise((resolve, reject) => {
      const line = `curl -s ${baseUrl}/ | tee ${plainFile} | openssl dgst -sha256 > /dev/null`;
      spawn('sh', ['-c', line]).on('exit', (code) =>
        code === 0 ? resolve() : reject(new Error('floor failed')),
      );
    }),
  'custody, plain': async () => {
    const file = await open(plainFile, 'w');
    await writeDeposit(await download(), file, unsealed);
    await file.sync();
    await file.close();
  },
  'custody, encrypted': async () => {
    const { key } = await custody.deposit(await download(), { name: 'bench.bin' });
    await custody.remove(key);
  },
};

const seconds = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
for (let round = 0; round <= rounds; round += 1) {
  for (const [name, way] of Object.entries(ways)) {
    const start = performance.now();
    await way();
    await rm(plainFile, { force: true });
    if (round > 0) seconds.get(name)?.push((performance.now() - start) / 1000);
  }
}
const median = (list: number[]): number => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN;
const floor = median(seconds.get('curl | tee | openssl dgst') ?? []);
console.table(
  [...seconds].map(([way, list]) => ({
    way,
    seconds: median(list).toFixed(2),
    'GB/s': (bytes / median(list) / 1e9).toFixed(2),
    'of the floor': (floor / median(list)).toFixed(2),
  })),
);
console.log(`peak resident memory: ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`);
await transport.close();
server.kill();
await rm(directory, { recursive: true });
