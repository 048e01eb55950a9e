import { isNotFoundError } from '@mft-bridge/http-transport';
import type { PipelineContext } from './context';
import { isSameCopy } from './intake';
import { record } from './record';
import type { StageHandler } from './stage';

/**
 * Marks a message read at the gateway; it is in custody by then. The gateway knows ids only, and partners use an id
 * again: where the answer shows a copy that is not in custody, that copy is marked unread again so that intake takes it.
 */
export function createAcknowledgeStage(context: PipelineContext): StageHandler {
  const { ledger, gateway, log } = context;
  return {
    async run(work, signal) {
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
        'the gateway refuses to mark a message read; it stays unread there',
      );
      await ledger.due.finish(work);
    },
    deadlineMs: null,
    tries: 50,
    service: 'gateway',
  };
}
