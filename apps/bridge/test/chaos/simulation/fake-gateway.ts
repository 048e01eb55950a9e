import { createHash } from 'node:crypto';
import type { As2GatewayClient } from '@mft-bridge/as2-gateway-client';
import { parseDisposition } from '@mft-bridge/as2-gateway-client';
import type { Random } from '../random';
import type { World } from './world';

/** What arrived at the partner. */
export interface Arrival {
  readonly id: string;
  readonly at: number;
  readonly names: readonly string[];
  readonly sha256: readonly string[];
  readonly subject: string | undefined;
  /** When its MDN is there, and whether it is a good one. */
  readonly mdnAt: number;
  readonly good: boolean;
}

export interface FakeGateway {
  readonly client: As2GatewayClient;
  readonly arrivals: readonly Arrival[];
  /** Ids that were marked read. */
  readonly read: ReadonlySet<string>;
}

interface Outgoing {
  readonly subject?: string;
  readonly attachments: readonly { readonly name: string; readonly content: () => AsyncIterable<Buffer> }[];
}

/** @param failing how often a partner's MDN is a bad one, of 1 */
export function createFakeGateway(world: World, random: Random, failing: number): FakeGateway {
  const arrivals: Arrival[] = [];
  const read = new Set<string>();
  const listeners = new Set<() => void>();

  async function take(message: Outgoing): Promise<{ id: string }> {
    const hashes: string[] = [];
    for (const { content } of message.attachments) {
      const hash = createHash('sha256');
      for await (const piece of content()) hash.update(piece);
      hashes.push(hash.digest('hex'));
    }
    const id = `<${String(arrivals.length + 1)}@gateway>`;
    arrivals.push({
      id,
      at: world.now(),
      names: message.attachments.map(({ name }) => name),
      sha256: hashes,
      subject: message.subject,
      mdnAt: world.now() + random.below(120_000),
      good: !random.chance(failing),
    });
    return { id };
  }

  const client = {
    on(_event: 'request', listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    messages: {
      send: (message: Outgoing) =>
        world.call(
          'messages.send',
          () => take(message),
          () => {
            for (const listener of listeners) listener();
          },
        ),
    },
    inbox: {
      markRead: (id: string) =>
        world.call('inbox.markRead', () => {
          read.add(id);
          return { id };
        }),
    },
    outbox: {
      delivery: (id: string) =>
        world.call('outbox.delivery', () => {
          const arrival = arrivals.find((one) => one.id === id);
          if (arrival === undefined) return { state: 'unknown', good: false };
          if (world.now() < arrival.mdnAt) return { state: 'queued', good: false };
          const words = arrival.good ? 'processed' : 'processed/error: decryption-failed';
          const disposition = parseDisposition(`automatic-action/MDN-sent-automatically; ${words}`);
          return { state: 'sent', good: arrival.good, disposition };
        }),
      findSubmission: (query: { sha256: readonly string[]; since: number }) =>
        world.call('outbox.findSubmission', () => ({
          complete: true,
          found: arrivals
            .filter(
              ({ at, sha256 }) =>
                at >= query.since && JSON.stringify(sha256) === JSON.stringify(query.sha256),
            )
            .map(({ id }) => ({ id, contentCompared: true })),
        })),
    },
  };
  // Only what the stages use: anything else would throw, and show.
  return { client: client as unknown as As2GatewayClient, arrivals, read };
}
