import { setTimeout as sleep } from 'node:timers/promises';
import { openChaosRig } from './chaos-rig';
import { countInWork } from './count-in-work';
import { examine } from './examine';
import type { Force } from './force';
import type { Batch } from './in-batches';
import { inBatches, ofBatch } from './in-batches';
import { createRandom } from './random';
import { settle } from './settle';
import { createTraffic } from './traffic';
import { createWeather } from './weather';

/** Messages with one ledger. */
const messagesOfOneRig = 1_000;
const messagesOfOneWeather = 25;
/** What is under way while more is sent: as much as makes stages run beside each other. */
const mostInWork = 60;

/**
 * What may become of a harmless message when services answer nonsense: it is held, or given up after its bounded tries,
 * and shown to people either way.
 */
const excuses = [
  'delivery-unknown',
  'delivery-refused',
  'delivery-overdue',
  'scanner-gone',
  'scanner-held',
  'scanner-unreadable',
  'evidence-mismatch',
  'sanitized-not-forwardable',
  'sibling-held',
  'tries-exhausted',
  'scan-overdue',
] as const;

/** Both services fail in all ways that the sandbox knows, and each operation loses answers after its work was done. */
export const network: Force = {
  name: 'network',
  what: "faults of network and services, among them each operation's answer lost after the work was done",
  full: 10_000,
  short: 300,
  run: (options) => inBatches(options, { of: messagesOfOneRig, noun: 'messages', run: oneRig }),
};

async function oneRig(batch: Batch): Promise<readonly string[]> {
  const { script, first, last, makeLedger, tally } = batch;
  const seed = batch.seed + first;
  const rig = await openChaosRig({
    script,
    seed,
    makeLedger,
    changes: { gateway: { concurrency: 32 }, scanner: { concurrency: 16 }, delivery: { tries: 30 } },
  });
  try {
    const random = createRandom(seed);
    const traffic = createTraffic(rig);
    const weather = createWeather(rig.gateway, rig.scanner);
    rig.bridge.start();
    await rig.bridge.up();
    for (let count = first; count < last; count += 1) {
      await traffic.send(random);
      if (count % messagesOfOneWeather === 0) weather.change(random);
      // For at most so long: in bad weather nothing comes to its end, and more has to come all the same.
      for (let turn = 0; turn < 15 && (await countInWork(rig)) >= mostInWork; turn += 1) await sleep(100);
    }
    // Whatever was not yet met: it is under way, and has to pass.
    for (let more = 0; more < 6 && weather.neverLost().length > 0; more += 1) {
      weather.change(random);
      await sleep(400);
    }
    weather.clear();
    const restless = await settle(rig, { withinMs: 150_000, forMs: 2_500 });
    await rig.bridge.readPages();
    await rig.bridge.stop();
    tally.addAll(weather.facts());
    const { violations, counts } = await examine(rig, { expected: traffic.expected, excuses });
    tally.addAll(counts);
    return [...(restless === null ? [] : [restless]), ...violations].map(ofBatch('messages', batch));
  } finally {
    await rig.close();
  }
}
