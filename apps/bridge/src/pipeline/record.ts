import { advanceMessage } from '../domain/advance-message';
import type { Message } from '../domain/message';
import { isSettled } from '../domain/message';
import type { Effect, MessageEvent } from '../domain/message-event';
import type { DueWork } from '../ledger/ledger';
import { StaleChangeError } from '../ledger/ledger';
import { publishStep } from '../telemetry/steps';
import type { PipelineContext } from './context';

/** How often a change is decided anew because the message moved on meanwhile by somebody outside of this process. */
const maxCollisions = 20;
/**
 * The last writer in line for each message. Writers of one process take turns: n siblings that collide would try n²/2
 * times, which for the 64 attachments that may be scanned at a time took half a minute.
 */
const lines = new WeakMap<object, Map<string, Promise<unknown>>>();

export type RecordContext = Pick<PipelineContext, 'ledger' | 'log' | 'metrics' | 'now' | 'wake' | 'settled'>;

export interface RecordOptions {
  /** The claimed work that this concludes. */
  readonly done?: DueWork;
  /** How long the follow-up work waits; at once by default. */
  readonly delayMs?: (effect: Effect) => number;
}

/**
 * Reads a message, lets `decide` say what happened, and writes the outcome, the follow-up work and the audit
 * events in one transaction. `decide` is asked again where the message moved on meanwhile, so it must be pure.
 * Where it answers `[]` nothing is written but the end of the work.
 * @returns the message as it is now
 * @throws StaleChangeError when the work was taken over by somebody else
 */
export async function record(
  context: RecordContext,
  messageId: string,
  decide: (message: Message) => readonly MessageEvent[],
  options: RecordOptions = {},
): Promise<Message> {
  const waiting = lines.get(context.ledger) ?? new Map<string, Promise<unknown>>();
  lines.set(context.ledger, waiting);
  const write = (): Promise<Message> => recordNow(context, messageId, decide, options);
  const mine = (waiting.get(messageId) ?? Promise.resolve()).then(write, write);
  waiting.set(messageId, mine);
  try {
    return await mine;
  } finally {
    if (waiting.get(messageId) === mine) waiting.delete(messageId);
  }
}

async function recordNow(
  { ledger, log, metrics, now, wake, settled }: RecordContext,
  messageId: string,
  decide: (message: Message) => readonly MessageEvent[],
  { done, delayMs }: RecordOptions,
): Promise<Message> {
  for (let collision = 0; ; collision += 1) {
    const before = await ledger.messages.load(messageId);
    if (before === undefined) throw new Error(`message ${messageId} is not in the ledger`);
    const events = decide(before);
    if (events.length === 0) {
      if (done !== undefined) await ledger.due.finish(done);
      return before;
    }
    const { after, effects } = foldEvents(before, events);
    const next = effects.map((effect) => ({ ...effect, delayMs: delayMs?.(effect) ?? 0 }));
    const names = events.map(({ type }) => type).join('+');
    try {
      publishStep({ stage: 'record', point: `before:${names}`, subject: messageId });
      await ledger.commit({
        before,
        after,
        events,
        next,
        at: now(),
        ...(done === undefined ? {} : { done }),
      });
    } catch (error) {
      if (error instanceof StaleChangeError && collision < maxCollisions) continue;
      throw error;
    }
    publishStep({ stage: 'record', point: `after:${names}`, subject: messageId });
    metrics.transition(before, after);
    for (const event of events) logEvent(log, after, event);
    if (!isSettled(before) && isSettled(after)) settled?.(after);
    if (next.length > 0) wake();
    return after;
  }
}

/** The message after all `events`, with all the work that they asked for. Pure. */
export function foldEvents(
  before: Message,
  events: readonly MessageEvent[],
): { after: Message; effects: readonly Effect[] } {
  let after = before;
  const effects: Effect[] = [];
  for (const event of events) {
    const step = advanceMessage(after, event);
    after = step.message;
    effects.push(...step.effects);
  }
  return { after: { ...after, revision: before.revision + 1 }, effects };
}

/** One line per transition, with the ids that the ledger, the scanner and the gateway know it by. */
export function logEvent(log: PipelineContext['log'], message: Message, event: MessageEvent): void {
  log.info(
    {
      event: event.type,
      messageId: message.id,
      gatewayMessageId: message.gatewayId,
      ...('attachmentId' in event ? { attachmentId: event.attachmentId } : {}),
      ...('deliveryId' in event ? { deliveryId: event.deliveryId } : {}),
      ...('reasons' in event ? { reasons: event.reasons.map(({ code }) => code) } : {}),
    },
    event.type,
  );
}
