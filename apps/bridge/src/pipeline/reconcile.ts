import type { PipelineContext } from './context';
import { deliveryStage } from './deliver';
import type { StageHandler } from './stage';

/**
 * Looks for a delivery whose fate is unknown. It is held all the while; where it is found, it is confirmed as any other.
 * Once `delivery.searchFor` is over it stays held, and a person decides.
 */
export function createReconcileStage(context: PipelineContext): StageHandler {
  return deliveryStage(context, 'reconcile', context.settings.delivery.searchForMs);
}
