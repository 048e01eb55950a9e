import type { Message } from '../domain/message';
import type { PipelineContext } from './context';

/**
 * Whether the scan that cleared a message, from its first upload to its last verdict, touches a time at which the scanner failed
 * its self-test. Its timeline is read only where there was such a time at all.
 */
export async function isScanDoubtful(
  { ledger, isDoubtful, now }: Pick<PipelineContext, 'ledger' | 'isDoubtful' | 'now'>,
  { id, takenAt }: Pick<Message, 'id' | 'takenAt'>,
): Promise<boolean> {
  if (!isDoubtful(takenAt, now())) return false;
  const timeline = await ledger.messages.timeline(id);
  const start = timeline.map(({ event }) => event.type).lastIndexOf('replayed');
  const scan = timeline
    .slice(start + 1)
    .filter(({ event }) => ['scan-opened', 'file-opened', 'weighed'].includes(event.type))
    .map(({ at }) => at);
  return scan.length === 0 || isDoubtful(Math.min(...scan), Math.max(...scan));
}
