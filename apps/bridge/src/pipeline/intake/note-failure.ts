import { isMftBridgeError, isNotFoundError, isTimeoutError } from '@mft-bridge/http-transport';
import type { IntakeFailure } from '../../ledger/ledger';
import { waitByTries } from '../backoff';
import type { PipelineContext } from '../context';
import { classifyFailure } from '../failure';

/** The pace at which a message that could not be taken so often is tried again: it may be mended at the gateway. */
const exhaustedMs = 3_600_000;
/** The pace after the deadline. */
const overdueMs = 24 * 3_600_000;
/** After 35 days the gateway deletes attachments: what was not taken until then can hardly be taken any more. */
const deadlineMs = 35 * 24 * 3_600_000;

const gone =
  'It stood in the list of messages and is not at the gateway any more: it was deleted there before it could be taken. Ask the partner to send it again.';

type FailureContext = Pick<PipelineContext, 'ledger' | 'settings' | 'log' | 'now' | 'random'>;

/** Whether an error says something about the gateway as a whole, and so nothing about the one message that met it. */
export function isAboutGateway(error: unknown): boolean {
  // The addresses of files are another host's.
  if (isMftBridgeError(error) && error.operation === 'inbox.openAttachment') return false;
  // The total clock ends a request that more urgent ones left no room for.
  return classifyFailure(error).unreachable || (isTimeoutError(error) && error.clock === 'total');
}

/**
 * Notes that a message could not be taken: it is tried again at a pace that grows with the tries, at last once an hour,
 * and after its deadline once a day, with plain words. It is shown to people all the time.
 */
export async function noteIntakeFailure(
  { ledger, settings, log, now, random }: FailureContext,
  { id, error, earlier }: { id: string; error: unknown; earlier: IntakeFailure | undefined },
): Promise<void> {
  const at = now();
  const isGone = isNotFoundError(error) && error.operation === 'inbox.get';
  const isOverdue = earlier !== undefined && at > earlier.firstAt + deadlineMs;
  if (isGone && isOverdue) {
    await ledger.intakeFailures.clear(id);
    log.warn({ gatewayMessageId: id, why: gone }, 'intake-failed: given up');
    return;
  }
  const failure = classifyFailure(error);
  const why = isGone ? gone : failure.why;
  const tries = (earlier?.tries ?? 0) + 1;
  const pace = waitByTries(tries - 1, settings.retry, random());
  const delay = isOverdue
    ? overdueMs
    : (failure.retryAfterMs ?? (tries < settings.intakeTries ? pace : exhaustedMs));
  const words = isOverdue ? `${overdueSince(earlier.firstAt)} ${why}` : why;
  await ledger.intakeFailures.record(id, words, at, at + delay);
  log.warn({ gatewayMessageId: id, why: words, tries }, 'intake-failed');
}

function overdueSince(firstAt: number): string {
  const day = new Date(firstAt).toISOString().slice(0, 10);
  return `It could not be taken since ${day}. The gateway deletes attachments after about 35 days: ask the partner to send it again.`;
}
