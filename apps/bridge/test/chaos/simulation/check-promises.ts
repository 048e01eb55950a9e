import { createHash } from 'node:crypto';
import { messageState } from '../../../src/domain/message';
import type { FakeGateway } from './fake-gateway';
import type { Fate } from './fake-scanner';
import type { MemoryLedger } from './memory-ledger';

export interface Outcome {
  readonly memory: MemoryLedger;
  readonly gateway: FakeGateway;
  readonly fates: ReadonlyMap<string, Fate>;
}

/** What must hold when all has come to rest, counted by what arrived and not by what the bridge believes. */
export function checkPromises({ memory, gateway, fates }: Outcome): string[] {
  const violations: string[] = [];
  const harmless = new Set(
    [...fates].flatMap(([word, fate]) =>
      fate === 'cleared' ? [createHash('sha256').update(word).digest('hex')] : [],
    ),
  );
  for (const { id, sha256 } of gateway.arrivals)
    for (const hash of sha256)
      if (!harmless.has(hash)) violations.push(`${id} arrived with bytes that the scanner did not clear`);

  const claimed = new Map<string, string>();
  for (const message of memory.messages.values()) {
    const { id, obligations, deliveries, attachments } = message;
    for (const { place } of obligations)
      if (place === 'custody') violations.push(`${id} still owes something (${messageState(message)})`);
    for (const { remoteId, state } of deliveries) {
      if (remoteId === null || !['submitted', 'delivered', 'failed'].includes(state)) continue;
      if (claimed.has(remoteId))
        violations.push(`${remoteId} is claimed by ${id} and ${String(claimed.get(remoteId))}`);
      claimed.set(remoteId, id);
      const arrival = gateway.arrivals.find((one) => one.id === remoteId);
      if (arrival === undefined) violations.push(`${id} names a submission that never arrived`);
      else if (JSON.stringify(arrival.sha256) !== JSON.stringify(attachments.map(({ sha256 }) => sha256)))
        violations.push(`${id} adopted a submission of other bytes`);
      else if (state === 'delivered' && !arrival.good)
        violations.push(`${id} counts as delivered with a bad MDN`);
    }
    if (
      obligations.some(({ place }) => place === 'delivered') &&
      !deliveries.some(({ state }) => state === 'delivered')
    )
      violations.push(`${id} is delivered by no delivery`);
    if (!gateway.read.has(message.gatewayId) && message.acknowledged)
      violations.push(`${id} was never marked read`);
    if (!message.acknowledged) violations.push(`${id} was not acknowledged in the end`);
  }

  // Once: as many arrivals of the same bytes as messages carry them. For a route with `onUnknown: resend` as well: here
  // every search is complete, and what a dead process had sent arrives before the search begins.
  const count = (lists: Iterable<readonly string[]>): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const list of lists) counts.set(JSON.stringify(list), (counts.get(JSON.stringify(list)) ?? 0) + 1);
    return counts;
  };
  const wanted = count(
    [...memory.messages.values()].map(({ attachments }) => attachments.map(({ sha256 }) => sha256)),
  );
  for (const [key, arrived] of count(gateway.arrivals.map(({ sha256 }) => sha256)))
    if (arrived > (wanted.get(key) ?? 0)) violations.push(`bytes arrived ${String(arrived)} times: ${key}`);
  return violations;
}
