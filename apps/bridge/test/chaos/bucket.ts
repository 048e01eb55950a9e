import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BucketFault } from '../rig/bucket/bucket-fault';
import { mirrorBucket } from '../rig/bucket/mirror-bucket';
import type { TestBucket } from '../rig/bucket/start-bucket';
import { startBucket } from '../rig/bucket/start-bucket';
import { noise } from '../rig/partner-samples';
import type { ChaosRig } from './chaos-rig';
import { openChaosRig, senders } from './chaos-rig';
import { examine } from './examine';
import type { Force } from './force';
import type { Batch } from './in-batches';
import { inBatches, ofBatch } from './in-batches';
import type { Random } from './random';
import { createRandom } from './random';
import { settle } from './settle';
import type { Tally } from './tally';
import { createTraffic } from './traffic';

const messagesOfOneRig = 250;
const messagesOfOneWeather = 6;
const messagesBetweenKills = 40;
/** What is under way while more is sent: in most of the work the weather lasts. */
const mostInWork = 12;
/** Every so many messages one of them is larger than a part of an upload. */
const messagesPerLarge = 24;
const largeBytes = 9 * 1024 * 1024;

const faults: Readonly<Record<string, BucketFault>> = {
  '500': { kind: 'answer', status: 500, code: 'InternalError' },
  '503': { kind: 'answer', status: 503, code: 'SlowDown' },
  '503 with a wait': { kind: 'answer', status: 503, code: 'SlowDown', retryAfter: 1 },
  'cut requests': { kind: 'cut' },
  'lost answers': { kind: 'lost' },
  'cut answers': { kind: 'half' },
  'slow answers': { kind: 'slow', ms: 400 },
};

/** Custody in a bucket that fails in all ways in which stores fail, under a bridge that is killed now and then. */
export const bucketStore: Force = {
  name: 'bucket',
  what: 'custody in a bucket: 500, 503, slow, cut uploads and readings, puts whose answer was lost, kill -9',
  full: 1_000,
  short: 50,
  run: (options) => inBatches(options, { of: messagesOfOneRig, noun: 'messages', run: oneRig }),
};

async function oneRig(batch: Batch): Promise<readonly string[]> {
  const { script, first, last, makeLedger, tally } = batch;
  const seed = batch.seed + first;
  const secrets = await mkdtemp(join(tmpdir(), 'chaos-bucket-'));
  const bucket = await startBucket();
  const secretAccessKey = { file: join(secrets, 'key') };
  await writeFile(secretAccessKey.file, bucket.secretAccessKey, { mode: 0o600 });
  const section = { ...bucket.section, accessKeyId: bucket.accessKeyId, secretAccessKey };
  // So small that many readings go to the bucket.
  const cache = { maxBytes: 5_000 };
  const custody = { bucket: section, cache };
  const rig = await openChaosRig({ script, seed, makeLedger, changes: { custody } });
  try {
    const random = createRandom(seed);
    const traffic = createTraffic(rig);
    rig.bridge.start();
    await rig.bridge.up();
    for (let sent = 1; sent <= last - first; sent += 1) {
      if (sent % messagesPerLarge === 0) await sendLarge(rig, sent);
      else await traffic.send(random);
      if (sent % messagesOfOneWeather === 1) changeWeather(bucket, random, tally);
      if (sent % messagesBetweenKills === 0) {
        await killInTheMiddle(rig, bucket, random);
        tally.add('kills');
        changeWeather(bucket, random, tally);
      }
      await untilLess(rig, mostInWork);
    }
    // The weather lasts a while after the last one.
    await sleep(1_500);
    bucket.onRequest(() => undefined);
    const restless = await settle(rig, { withinMs: 150_000, forMs: 2_500 });
    await rig.bridge.readPages();
    await rig.bridge.stop();
    await mirrorBucket(bucket, rig.config.custodyDirectory);
    const { violations, counts } = await examine(rig, {
      expected: traffic.expected,
      excuses: ['delivery-unknown'],
    });
    tally.addAll(counts);
    return [...(restless === null ? [] : [restless]), ...violations].map(ofBatch('messages', batch));
  } finally {
    await rig.close();
    await bucket.close();
    await rm(secrets, { recursive: true, force: true });
  }
}

function sendLarge({ gateway }: ChaosRig, number: number): Promise<unknown> {
  return gateway.partner(senders.toFolder).send({
    messageId: `<large-${String(number)}@globex.example>`,
    attachments: [noise(`drawing-${String(number)}.tiff`, largeBytes)],
  });
}

/** Some kinds of fault, for a share of all requests. */
function changeWeather(bucket: TestBucket, random: Random, tally: Tally): void {
  const names = Object.keys(faults).filter(() => random.chance(0.6));
  const share = 0.15 + random.next() * 0.3;
  bucket.onRequest(() => {
    if (names.length === 0 || !random.chance(share)) return undefined;
    const name = random.pick(names);
    tally.add(name);
    return faults[name];
  });
}

/** For at most so long: in bad weather nothing comes to its end, and more has to come all the same. */
async function untilLess({ withLedger, gateway }: ChaosRig, most: number): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    const states = (await withLedger((reader) => reader.messages.countByState())) ?? {};
    const known = Object.values(states).reduce((sum, count) => sum + count, 0);
    const inWork = ['scanning', 'deciding', 'delivering'].reduce(
      (sum, state) => sum + (states[state] ?? 0),
      0,
    );
    if (gateway.sent.length - known + inWork < most) return;
    await sleep(60);
  }
}

/** A start is not tried out here: a bridge whose store fails for long at its start ends, and nobody would start it again. */
async function killInTheMiddle({ bridge }: ChaosRig, bucket: TestBucket, random: Random): Promise<void> {
  await sleep(random.below(400));
  await bridge.kill();
  bucket.onRequest(() => undefined);
  bridge.start();
  await bridge.up();
}
