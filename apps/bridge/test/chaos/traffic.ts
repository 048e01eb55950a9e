import type { SentRecord } from '@mft-bridge/sandbox';
import type { Sample } from '../rig/partner-samples';
import { eicar, encryptedZip, purchaseOrder } from '../rig/partner-samples';
import { as2MaxBytes } from '../rig/rig-config';
import type { ChaosRig } from './chaos-rig';
import { senders } from './chaos-rig';
import type { Random } from './random';

/** What must become of a message where nothing is lost. */
export type Expected = 'forwarded' | 'quarantined' | 'held';

export interface Traffic {
  /** A message that chance draws. */
  send(random: Random): Promise<SentRecord>;
  /** One that is forwarded to the AS2 partner. */
  sendOrder(random: Random): Promise<SentRecord>;
  /** By message id. */
  readonly expected: ReadonlyMap<string, Expected>;
}

interface Drawn {
  readonly from: string;
  readonly attachments: readonly Sample[];
  readonly expected: Expected;
}

const zip = encryptedZip();
const names = [
  '../../etc/passwd.txt',
  'a b;c "d".txt',
  '.hidden.txt',
  'CON.txt',
  `${'long'.repeat(45)}.txt`,
  'x\u202etxt.txt',
];

/** Partners that send whatever partners send; now and then the very bytes of an earlier message as another one. */
export function createTraffic({ gateway }: Pick<ChaosRig, 'gateway'>): Traffic {
  const expected = new Map<string, Expected>();
  const orders: Drawn[] = [];
  let count = 0;

  const text = (number: number, name: string, size = 40): Sample => ({
    name,
    contentType: 'text/plain',
    content: Buffer.from(`${name} ${String(number)}\n${'Unload at gate 7.\n'.repeat(Math.ceil(size / 18))}`),
  });

  async function draw(random: Random, number: number): Promise<Drawn> {
    const from = random.pick(Object.values(senders));
    const dice = random.below(100);
    const earlier = orders.at(-1);
    // Two messages of the same bytes, close together: each has to find its own submission, and not the other's.
    if (dice < 12 && earlier !== undefined) return earlier;
    if (dice < 55) {
      const drawn: Drawn = { from, attachments: [purchaseOrder(number)], expected: 'forwarded' };
      orders.push(drawn);
      return drawn;
    }
    if (dice < 70)
      return {
        from,
        attachments: [purchaseOrder(number), text(number, 'notes.txt'), text(number, 'more.csv')],
        expected: 'forwarded',
      };
    if (dice < 76) {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${String(number)}" height="9"><script>alert(1)</script></svg>\n`;
      const label = { name: 'label.svg', contentType: 'image/svg+xml', content: Buffer.from(svg) };
      return { from, attachments: [label], expected: 'forwarded' };
    }
    if (dice < 82) return { from, attachments: [purchaseOrder(number), eicar()], expected: 'quarantined' };
    if (dice < 85) return { from, attachments: [await zip], expected: 'held' };
    if (dice < 88)
      return { from, attachments: [{ name: 'empty.edi', content: Buffer.alloc(0) }], expected: 'held' };
    if (dice < 91) {
      const large = text(number, 'large.txt', as2MaxBytes + 20_000);
      return { from: senders.toPartner, attachments: [large], expected: 'held' };
    }
    if (dice < 95)
      return {
        from: senders.toFolder,
        attachments: [text(number, 'large.txt', 200_000)],
        expected: 'forwarded',
      };
    return { from: senders.toFolder, attachments: [text(number, random.pick(names))], expected: 'forwarded' };
  }

  async function post(number: number, { from, attachments, expected: fate }: Drawn): Promise<SentRecord> {
    const messageId = `<${String(number)}@${from.toLowerCase()}.example>`;
    expected.set(messageId, fate);
    return gateway.partner(from).send({ messageId, subject: `Message ${String(number)}`, attachments });
  }

  return {
    expected,
    async send(random) {
      const number = (count += 1);
      return post(number, await draw(random, number));
    },
    sendOrder(random) {
      const number = (count += 1);
      const order = purchaseOrder(number);
      return post(number, {
        from: senders.toPartner,
        attachments: random.chance(0.7) ? [order] : [order, text(number, 'notes.txt')],
        expected: 'forwarded',
      });
    },
  };
}
