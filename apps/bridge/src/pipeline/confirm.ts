import type { PipelineContext } from './context';
import { deliveryStage } from './deliver';
import type { StageHandler } from './stage';

/** Asks a destination what became of a submission, until it is certain or its deadline has passed. */
export function createConfirmStage(context: PipelineContext): StageHandler {
  return deliveryStage(context, 'confirm', context.settings.delivery.confirmDeadlineMs);
}
