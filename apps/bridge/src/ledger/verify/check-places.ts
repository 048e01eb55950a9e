import type { Message } from '../../domain/message';
import type { Place } from '../../domain/obligation';

const places: readonly Place[] = ['custody', 'delivered', 'quarantined', 'held', 'dead-letter', 'observed'];

/** What does not hold about where what is owed is. Pure. */
export function checkPlaces({ obligations, deliveries, attachments }: Message): string[] {
  const byId = new Map(deliveries.map((delivery) => [delivery.id, delivery]));
  const known = new Set(attachments.map(({ id }) => id));
  const problems = obligations.flatMap(({ id, place, destination, deliveryId, attachmentId }) => {
    const delivery = deliveryId === null ? undefined : byId.get(deliveryId);
    const found: string[] = [];
    if (!places.includes(place)) found.push(`obligation ${id} is nowhere (${place})`);
    if (attachmentId !== null && !known.has(attachmentId))
      found.push(`obligation ${id} is about attachment ${attachmentId}, which is not there`);
    if (deliveryId !== null && delivery === undefined)
      found.push(`obligation ${id} travels in delivery ${deliveryId}, which is not there`);
    if (delivery !== undefined && delivery.destination !== (destination ?? ''))
      found.push(
        `obligation ${id} is owed to ${destination ?? 'nobody'}, and travels to ${delivery.destination}`,
      );
    if (place === 'delivered' && delivery?.state !== 'delivered')
      found.push(`obligation ${id} is delivered, its delivery is ${delivery?.state ?? 'missing'}`);
    if (place !== 'delivered' && delivery?.state === 'delivered')
      found.push(`obligation ${id} is ${place}, though its delivery is delivered`);
    if (place === 'custody' && (delivery?.state === 'failed' || delivery?.state === 'unknown'))
      found.push(`obligation ${id} is still owed, though its delivery is ${delivery.state}`);
    return found;
  });
  return [
    ...problems,
    ...repeated(obligations.map(({ id }) => id)).map((id) => `obligation ${id} is there twice`),
  ];
}

const repeated = (ids: readonly string[]): string[] => ids.filter((id, index) => ids.indexOf(id) !== index);
