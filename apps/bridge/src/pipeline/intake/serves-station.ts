import type { PipelineContext } from '../context';

/**
 * Whether this bridge takes the messages of a station. Of several bridges one does: poll, sweep and later tries all are its own,
 * so that none of them meets another that takes the same message.
 */
export function servesStation({ membership }: Pick<PipelineContext, 'membership'>, station: string): boolean {
  return membership === undefined || membership.holds(`intake:${station}`);
}
