import { setTimeout as sleep } from 'node:timers/promises';
import type { SentRecord } from '@mft-bridge/sandbox';
import { purchaseOrder } from '../rig/partner-samples';
import type { ChaosRig } from './chaos-rig';
import { openChaosRig, senders } from './chaos-rig';
import { examine } from './examine';
import type { Force } from './force';
import { freePort } from '../rig/free-port';
import type { Batch } from './in-batches';
import { inBatches, ofBatch } from './in-batches';
import type { Random } from './random';
import { createRandom } from './random';
import { settle } from './settle';
import type { Tally } from './tally';
import type { Traffic } from './traffic';
import { createTraffic } from './traffic';

const messagesOfOneRig = 1_000;

/** Partners that send again: the same, other bytes under the same id, the same bytes under another; and webhooks as they come. */
export const partners: Force = {
  name: 'partners',
  what: 'partners re-send: same id same bytes, same id other bytes, new id same bytes; webhooks doubled, late, lost',
  full: 10_000,
  short: 300,
  run: (options) => inBatches(options, { of: messagesOfOneRig, noun: 'messages', run: oneRig }),
};

async function oneRig(batch: Batch): Promise<readonly string[]> {
  const { script, first, last, makeLedger, tally } = batch;
  const seed = batch.seed + first;
  const port = await freePort();
  const rig = await openChaosRig({
    script,
    seed,
    makeLedger,
    changes: {
      // So slow that mostly the webhook brings a message, where it comes at all.
      intake: { pollInterval: '1s' },
      web: {
        private: { port: 0, token: { env: 'RIG_WEB_TOKEN' } },
        public: { host: '127.0.0.1', port, secrets: [{ env: 'RIG_HOOK' }] },
      },
    },
  });
  try {
    const { gateway, canaries, bridge } = rig;
    gateway.webhooks.setTarget({ url: `http://127.0.0.1:${String(port)}/hooks/${canaries.webhookSecret}` });
    const random = createRandom(seed);
    const play = createPlay(rig, random, tally);
    bridge.start();
    await bridge.up();
    for (let count = 0; count < last - first; count += 1) {
      if (count % 20 === 0) scriptWebhooks(rig, random);
      await play.next();
      if (random.chance(0.1)) await sleep(random.below(400));
    }
    gateway.webhooks.script.clear();
    const restless = await settle(rig, { withinMs: 150_000, forMs: 3_000 });
    await bridge.readPages();
    await bridge.stop();
    const arrived = gateway.webhooks.sent.filter(({ status }) => status !== undefined && status < 300);
    tally.add('webhooks answered', arrived.length);
    tally.add('webhooks lost', gateway.webhooks.sent.length - arrived.length);
    const { violations, counts } = await examine(rig, {
      expected: play.expected(),
      excuses: ['id-conflict', 'read-elsewhere'],
    });
    tally.addAll(counts);
    const found = [...violations, ...(await conflictsAreHeld(rig))];
    return [...(restless === null ? [] : [restless]), ...found].map(ofBatch('messages', batch));
  } finally {
    await rig.close();
  }
}

/** What happens to the webhooks of the next messages. */
function scriptWebhooks({ gateway }: ChaosRig, random: Random): void {
  gateway.webhooks.script.clear();
  gateway.webhooks.script.add({
    copies: random.pick([0, 1, 2, 3]),
    delayMs: random.pick([0, 0, 200, 1_500]),
    gapMs: random.pick([0, 100, 700]),
    behindNext: random.chance(0.3),
  });
}

function createPlay({ gateway }: ChaosRig, random: Random, tally: Tally) {
  const traffic: Traffic = createTraffic({ gateway });
  const recent: SentRecord[] = [];
  const used = new Set<string>();
  let other = 0;

  async function fresh(): Promise<void> {
    recent.push(await traffic.send(random));
    // A partner can send only its last hundred again.
    if (recent.length > 60) recent.shift();
    tally.add('new messages');
  }

  const again = async (record: SentRecord): Promise<void> => {
    await gateway.partner(record.from).resend(record);
    tally.add('same id, same bytes');
  };
  const underAnotherId = async (record: SentRecord): Promise<void> => {
    await gateway.partner(record.from).resend(record, { newId: true });
    tally.add('new id, same bytes');
  };
  const otherBytes = async ({ messageId, from }: SentRecord): Promise<void> => {
    other += 1;
    used.add(messageId);
    await gateway
      .partner(random.chance(0.8) ? from : random.pick(Object.values(senders)))
      .send({ messageId, subject: 'Corrected', attachments: [purchaseOrder(1_000_000 + other)] });
    tally.add('same id, other bytes');
  };

  return {
    async next() {
      if (recent.length === 0 || random.chance(0.45)) return fresh();
      const record = random.pick(recent);
      return random.pick([again, again, underAnotherId, otherBytes])(record);
    },
    /** Of an id that was used for other bytes nothing can be said: which of them is the first is a matter of time. */
    expected: () => new Map([...traffic.expected].filter(([id]) => !used.has(id))),
  };
}

/** Of several messages under one id at most the first goes its way by itself. */
async function conflictsAreHeld(rig: ChaosRig): Promise<string[]> {
  const found = await rig.withLedger(async ({ messages }) => {
    const faults: string[] = [];
    for (const id of new Set(rig.gateway.sent.map(({ messageId }) => messageId))) {
      const under = await messages.findByGatewayId(id);
      for (const { partner, obligations } of under.slice(1))
        if (
          !obligations.every(
            ({ place, reasons }) => place === 'held' && reasons.some(({ code }) => code === 'id-conflict'),
          )
        )
          faults.push(`${id} of ${partner} uses the id of an earlier message and is not held for it`);
    }
    return faults;
  });
  return found ?? [];
}
