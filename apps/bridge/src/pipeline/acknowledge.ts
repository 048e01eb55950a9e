import { isNotFoundError } from '@mft-bridge/http-transport';
import type { PipelineContext } from './context';
import { isSameCopy } from './intake/copies';
import { record } from './record';
import type { StageHandler } from './stage';

/** How long an acknowledgement waits in mode observe until it is looked at again: the mode changes by a restart only. */
const observingMs = 3_600_000;

/** Its tries go on for so long; nothing is owed by it, and all the while "message show" says that it waits. */
const acknowledgeForMs = 7 * 24 * 3_600_000;

/**
 * Marks a message read at the gateway; it is in custody by then. The gateway knows ids only, and partners use an id
 * again: where the answer shows a copy that is not in custody, that copy is marked unread again so that intake takes it.
 */
export function createAcknowledgeStage(context: PipelineContext): StageHandler {
  const { ledger, gateway, log, settings } = context;
  return {
    async run(work, signal) {
      // Of a message that was taken before the bridge was set to observe: it touches no read flag any more.
      if (settings.mode === 'observe')
        return {
          type: 'later',
          delayMs: observingMs,
          why: 'mode observe touches no read flag',
          failed: false,
        };
      const message = await ledger.messages.load(work.messageId);
      if (message === undefined) throw new Error(`message ${work.messageId} is not in the ledger`);
      try {
        const copy = await gateway.inbox.markRead(message.gatewayId, { signal, priority: 3 });
        const known = await ledger.messages.findByGatewayId(message.gatewayId);
        const unseen =
          copy.timestamp !== undefined && !known.some((candidate) => isSameCopy(candidate, copy));
        if (unseen) {
          await gateway.inbox.markUnread(message.gatewayId, { signal, priority: 3 });
          log.warn(
            { gatewayMessageId: message.gatewayId },
            'another copy came in under the same id: left unread for intake',
          );
        }
      } catch (error) {
        // Gone at the gateway: nobody can read it there again, and it is in custody here.
        if (!isNotFoundError(error)) throw error;
      }
      await record(
        context,
        work.messageId,
        ({ acknowledged }) => (acknowledged ? [] : [{ type: 'acknowledged' }]),
        {
          done: work,
        },
      );
      return { type: 'done' };
    },
    async giveUp(work, { text }) {
      log.error(
        { messageId: work.messageId, why: text },
        'the message could not be marked read at the gateway in all the time for that; it stays unread there',
      );
      await record(context, work.messageId, () => [{ type: 'acknowledge-failed', why: text }], {
        done: work,
      });
    },
    // In mode observe it waits for the mode to change.
    deadlineMs: settings.mode === 'observe' ? null : acknowledgeForMs,
    tries: 50,
    service: 'gateway',
  };
}
