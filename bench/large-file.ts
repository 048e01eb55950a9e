/**
 * One large attachment from gateway to scanner to folder: `pnpm bench large-file [--mb 64,2048] [--at-a-time 1] [--no-floor] [--node-flag=--x]`
 *
 * Resident memory of the bridge, by the kernel's own peak, and its time against a shell that does the same work over
 * the same servers: `shell-floor.ts` says what that is. Each size has a sandbox and a bridge of its own.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { countWarnings, readTransitions, spans } from './bridge-log';
import { machineNote, processFigures } from './process-figures';
import type { Rig } from './rig';
import { openRig } from './rig';
import { runShellFloor } from './shell-floor';
import { median } from './statistics';

const { values } = parseArgs({
  options: {
    mb: { type: 'string', default: '64,2048' },
    'at-a-time': { type: 'string', default: '1' },
    'no-floor': { type: 'boolean', default: false },
    'node-flag': { type: 'string', multiple: true, default: [] },
  },
});
const atATime = Number(values['at-a-time']);
const sizes = values.mb.split(',').map((mb) => Number(mb) * 1024 * 1024);
const seconds = (ms: number): string => (ms / 1000).toFixed(2);

const memory: Record<string, string>[] = [];
const speed: Record<string, string>[] = [];
let warnings = 0;
for (const bytes of sizes) {
  const rig = await openRig({ concurrency: 4 });
  const bridge = await rig.startBridge(values['node-flag']);
  await sleep(1_000);
  const idle = processFigures(bridge.pid);
  const sending = Array.from({ length: atATime }, (_, index) =>
    rig.sandbox.send('GLOBEX', {
      name: `large-${String(index)}.bin`,
      generate: { bytes, seed: `large ${String(index)}` },
    }),
  );
  const sent = await Promise.all(sending);
  const rss = await sampleUntilDelivered(rig, bridge.pid, atATime);
  const { peakMb, cpuSeconds } = processFigures(bridge.pid);
  const size = `${String(atATime)} x ${String(Math.round(bytes / 1024 / 1024))} MiB`;
  memory.push({
    size,
    'idle MB': idle.rssMb.toFixed(0),
    'median MB': median(rss).toFixed(0),
    'peak MB': peakMb.toFixed(0),
    'CPU s': (cpuSeconds - idle.cpuSeconds).toFixed(1),
  });
  const log = readTransitions(rig.bridgeLog);
  const messages = sent.map(
    ({ messageId, at }) => new Map([...(log.get(messageId) ?? []), ['sent', at] as const]),
  );
  warnings += countWarnings(rig.bridgeLog);
  await bridge.stop();
  if (atATime === 1 && !values['no-floor']) {
    // What the scanner needs for its own look at the file is nobody's to speed up: it is in neither sum.
    const span = (from: string, to: string): number => spans(messages, from, to)[0] ?? NaN;
    const own = {
      fetch: span('sent', 'taken'),
      upload: span('taken', 'uploaded'),
      deliver: span('decided', 'delivered'),
    };
    const floor = await runShellFloor(rig, sent[0]?.messageId ?? '', bytes);
    const row = (who: string, parts: typeof own): Record<string, string> => {
      const whole = sum(parts);
      return {
        size,
        who,
        'fetch s': seconds(parts.fetch),
        'upload s': seconds(parts.upload),
        'deliver s': seconds(parts.deliver),
        'whole s': seconds(whole),
        'MB/s': (bytes / 1e3 / whole).toFixed(0),
        'of the floor': (sum(floor) / whole).toFixed(2),
        'of it synced': ((sum(floor) + floor.sync) / whole).toFixed(2),
      };
    };
    speed.push(row('bridge, encrypted custody', own), row('shell floor', floor));
    process.stdout.write(`${size}: sync of the floor's two files took ${seconds(floor.sync)} s\n`);
    process.stdout.write(
      `${size}: the scanner took ${seconds(span('uploaded', 'weighed'))} s for its own scan\n`,
    );
  }
  await rig.close();
}
process.stdout.write('\nResident memory of the bridge process, MB of 10^6 bytes\n');
console.table(memory);
const peaks = memory.map((row) => Number(row['peak MB']));
process.stdout.write(
  `growth from the smallest to the largest: ${(Math.max(...peaks) - Math.min(...peaks)).toFixed(0)} MB\n`,
);
if (speed.length > 0) {
  process.stdout.write(
    "\nThe whole way without the scanner's scan. Floor: curl | tee | openssl dgst; curl of 64 MiB chunks; cp. It does not\nencrypt, check chunks by MD5, or hash what it uploads and delivers, nor sync what it wrote; the bridge does all of that.\nThe last column counts a sync of the floor's two files as well.\n",
  );
  console.table(speed);
}
process.stdout.write(`${String(warnings)} warnings in the logs\n${machineNote()}\n`);

function sum({
  fetch,
  upload,
  deliver,
}: {
  readonly fetch: number;
  readonly upload: number;
  readonly deliver: number;
}): number {
  return fetch + upload + deliver;
}

/** @returns what was resident at each look */
async function sampleUntilDelivered({ delivered }: Rig, pid: number, count: number): Promise<number[]> {
  const rss: number[] = [];
  const until = Date.now() + 1_800_000;
  // A scrape costs the bridge some ms: once a second, while its memory is looked at from outside all the time.
  for (let look = 1; look % 10 !== 0 || (await delivered()) < count; look += 1) {
    if (Date.now() > until) throw new Error('the file was not delivered within 30 minutes');
    rss.push(processFigures(pid).rssMb);
    await sleep(100);
  }
  return rss;
}
