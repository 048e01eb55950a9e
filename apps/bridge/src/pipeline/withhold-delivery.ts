import type { Abandoned } from '../destinations/destination';
import { reason } from '../domain/reason';
import type { DueWork } from '../ledger/ledger';
import { waitByAge } from './backoff';
import type { LoadedDelivery } from './consignment';
import { discardDelivery } from './consignment';
import type { PipelineContext } from './context';
import { record } from './record';
import type { StageResult } from './stage';

/**
 * Holds a delivery whose clearance counts for nothing any more, because the scanner failed its self-test around it. What
 * was staged and has not appeared is taken away; what has appeared is delivered.
 */
export async function withholdDelivery(
  context: PipelineContext,
  work: DueWork,
  loaded: Pick<LoadedDelivery, 'destination' | 'consignment'>,
): Promise<StageResult> {
  const deliveryId = work.subject;
  // A destination that cannot be asked now cannot tell: it is asked again.
  const fate = await loaded.destination.fate(loaded.consignment).catch((error: unknown): Abandoned => {
    const why = error instanceof Error ? error.message : 'unknown error';
    context.log.warn({ deliveryId, why }, 'a delivery is withheld, and its destination cannot tell');
    return { type: 'unclear' };
  });
  if (fate.type === 'unclear') {
    const firstMs = context.settings.delivery.confirmPollMs;
    const bounds = { firstMs, maxMs: Math.max(firstMs, 30_000) };
    return {
      type: 'later',
      delayMs: waitByAge(context.now() - work.since, bounds, context.random()),
      why: 'its clearance counts for nothing any more, and nobody can say whether it has appeared at its destination',
      failed: false,
      unasked: true,
    };
  }
  await record(
    context,
    work.messageId,
    (message) => {
      const isOwed = message.obligations.some(
        (obligation) => obligation.deliveryId === deliveryId && obligation.place === 'custody',
      );
      if (!isOwed) return [];
      return fate.type === 'delivered'
        ? [{ type: 'delivered', deliveryId, proof: fate.proof }]
        : [{ type: 'withheld', deliveryId, reasons: [reason('scanner-distrusted')] }];
    },
    { done: work },
  );
  if (fate.type === 'nothing') await discardDelivery(context, loaded);
  return { type: 'done' };
}
