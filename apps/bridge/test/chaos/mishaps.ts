import { spawnSync } from 'node:child_process';
import { mkdtemp, open, rm, statfs, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSettled } from '../../src/domain/message';
import { allMessages } from './all-messages';
import type { ChaosRig } from './chaos-rig';
import { openChaosRig } from './chaos-rig';
import { examine } from './examine';
import type { Force } from './force';
import type { Batch } from './in-batches';
import { inBatches, ofBatch } from './in-batches';
import type { Random } from './random';
import { createRandom } from './random';
import { settle } from './settle';
import type { Tally } from './tally';
import type { Traffic } from './traffic';
import { createTraffic } from './traffic';

const hourMs = 3_600_000;
/** Rounds with one ledger. */
const roundsOfOneRig = 10;
/** What these mishaps may do to a harmless message; each is shown to people. */
const excuses = [
  'custody-damaged',
  'delivery-overdue',
  'delivery-unknown',
  'scan-overdue',
  'sibling-held',
  'tries-exhausted',
];

interface Stage {
  readonly rig: ChaosRig;
  readonly traffic: Traffic;
  readonly random: Random;
  readonly tally: Tally;
  /** Custody keys of what was altered on purpose. */
  readonly damaged: Set<string>;
  /** Of the bridge, before the true time. */
  readonly clock: { aheadMs: number };
}

/** What happens in a round, each of them once. */
const mishaps: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  'disk full': fillDisk,
  'read errors': failReads,
  'altered custody': alterCustody,
  'clocks ahead': moveClocks,
  'clock back': setClockBack,
};

/** Disk full, read errors, altered bytes, clocks that jump: each once a round, with messages under way. */
export const accidents: Force = {
  name: 'mishaps',
  what: 'disk full, read errors, altered custody bytes, clocks that jump by hours, each once a round',
  full: 20,
  short: 2,
  run: (options) => inBatches(options, { of: roundsOfOneRig, noun: 'rounds', run: oneRig }),
};

async function oneRig(batch: Batch): Promise<string[]> {
  const { script, first, last, seed, makeLedger, tally } = batch;
  const named = ofBatch('rounds', batch);
  const disk = await openSmallDisk();
  const rig = await openChaosRig({ script, seed: seed + first, makeLedger, directory: disk.directory });
  const violations: string[] = [];
  const damaged = new Set<string>();
  const clock = { aheadMs: 0 };
  try {
    const traffic = createTraffic(rig);
    rig.bridge.start();
    await rig.bridge.up();
    for (let round = first; round < last; round += 1) {
      const random = createRandom(seed + round);
      for (const [name, happen] of Object.entries(mishaps)) {
        if (name === 'disk full' && !disk.isSmall) {
          tally.add('disk full left out (no tmpfs here)');
          continue;
        }
        for (let count = 1 + random.below(3); count > 0; count -= 1) await traffic.send(random);
        await happen({ rig, traffic, random, tally, damaged, clock });
        tally.add(name);
        const restless = await settle(rig, { withinMs: 45_000 });
        const faults = [...(restless === null ? [] : [restless]), ...rig.bridge.takeFaults()];
        violations.push(
          ...faults.map((fault) => `round ${String(round)}, ${name} (seed ${String(seed)}): ${fault}`),
        );
        await rig.bridge.control({ readErrors: 0 });
      }
    }
    const restless = await settle(rig, { forMs: 2_500 });
    if (restless !== null) violations.push(named(restless));
    await rig.bridge.stop();
    const { violations: found, counts } = await examine(rig, {
      expected: traffic.expected,
      excuses,
      damaged,
    });
    tally.addAll(counts);
    violations.push(...[...found, ...(await onlyDamagedIsDamaged(rig, damaged))].map(named));
    return violations;
  } finally {
    await rig.close();
    await disk.close();
  }
}

/** A few KB are left, while messages come; then there is room again. */
async function fillDisk({ rig, traffic, random }: Stage): Promise<void> {
  const filler = join(rig.directory, 'filler');
  const { bavail, bsize } = await statfs(rig.directory);
  await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - random.below(120_000)))).catch(
    () => undefined,
  );
  for (let count = 3 + random.below(4); count > 0; count -= 1) await traffic.send(random);
  await sleep(600 + random.below(1_000));
  await rm(filler, { force: true });
}

/** Reads of files in custody fail, some of them and for a while. */
async function failReads({ rig, traffic, random }: Stage): Promise<void> {
  await rig.bridge.control({ readErrors: 0.2 + random.next() * 0.6 });
  for (let count = 3; count > 0; count -= 1) await traffic.send(random);
  await sleep(500 + random.below(1_000));
  await rig.bridge.control({ readErrors: 0 });
}

/** A byte is another one, the end is missing, or all of it, somewhere between custody and delivery. */
async function alterCustody({ rig, traffic, random, tally, damaged }: Stage): Promise<void> {
  const slow = rig.scanner.faults.add({ on: '*', fault: { kind: 'latency', ms: 60, jitterMs: 150 } });
  for (let count = 4; count > 0; count -= 1) await traffic.send(random);
  await sleep(300 + random.below(600));
  const items = (await rig.withLedger(allMessages)) ?? [];
  const inWork = items.flatMap(({ message }) => (isSettled(message) ? [] : message.attachments));
  for (const { custodyKey } of inWork.filter(() => random.chance(0.6))) {
    damaged.add(custodyKey);
    await damage(objectPath(rig, custodyKey), random);
    tally.add('objects damaged');
  }
  await sleep(300);
  slow.remove();
}

function objectPath({ config }: ChaosRig, key: string): string {
  return join(config.custodyDirectory, 'objects', key.slice(0, 2), key);
}

async function damage(path: string, random: Random): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const dice = random.below(4);
    if (dice === 0) await truncate(path, random.below(size));
    else if (dice === 1) await rm(path);
    else {
      const at = random.below(size);
      const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
      buffer[0] = (buffer[0] ?? 0) ^ (1 + random.below(255));
      await file.write(buffer, 0, 1, at);
    }
  } finally {
    await file.close();
  }
}

/** All jump ahead by hours, apart from each other; an answer is lost as well, so that somebody has to search by time. */
async function moveClocks({ rig, traffic, random, clock }: Stage): Promise<void> {
  rig.gateway.faults.add({ on: 'POST /message/submit', fault: { kind: 'lost-answer' }, times: 1 });
  for (let turn = 0; turn < 2; turn += 1) {
    clock.aheadMs += random.below(6 * hourMs);
    await rig.bridge.control({ clockMs: clock.aheadMs });
    if (random.chance(0.5)) rig.gatewayClock.advance(random.below(6 * hourMs));
    if (random.chance(0.5)) rig.scannerClock.advance(random.below(6 * hourMs));
    for (let count = 2; count > 0; count -= 1) await traffic.send(random);
    await sleep(random.below(800));
  }
}

/** Ours is set back by hours while there is work that was put off by the later time. */
async function setClockBack({ rig, traffic, random, clock }: Stage): Promise<void> {
  for (let count = 2; count > 0; count -= 1) await traffic.send(random);
  await sleep(random.below(800));
  clock.aheadMs -= Math.round((1 + 11 * random.next()) * hourMs);
  await rig.bridge.control({ clockMs: clock.aheadMs });
}

/** Bytes that nobody altered must not be called damaged; what was read with errors is whole. */
async function onlyDamagedIsDamaged(rig: ChaosRig, damaged: ReadonlySet<string>): Promise<string[]> {
  const items = (await rig.withLedger(allMessages)) ?? [];
  return items.flatMap(({ message: { gatewayId, attachments, obligations } }) => {
    const saysSo = obligations.some(({ reasons }) => reasons.some(({ code }) => code === 'custody-damaged'));
    return saysSo && !attachments.some(({ custodyKey }) => damaged.has(custodyKey))
      ? [`${gatewayId} is given up as damaged, and nobody touched its bytes`]
      : [];
  });
}

/** A file system that is soon full; where none can be mounted, any directory. */
async function openSmallDisk(): Promise<{ directory: string; isSmall: boolean; close: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'mishaps-'));
  const isSmall =
    process.platform === 'linux' &&
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', directory]).status === 0;
  return {
    directory,
    isSmall,
    async close() {
      if (isSmall) spawnSync('umount', ['-l', directory]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
