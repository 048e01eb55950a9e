import { isNotFoundError } from '@mft-bridge/http-transport';
import type { PipelineContext } from './context';
import { record } from './record';
import type { StageHandler } from './stage';

/** How long the scanner's copy of a delivered file is tried to be deleted; its own expiry takes it after that. */
const disposeForMs = 24 * 3_600_000;

/** Deletes the scanner's copy of a file that was delivered. Held and quarantined files keep theirs: people need them. */
export function createDisposeStage(context: PipelineContext): StageHandler {
  return {
    async run(work, signal) {
      const message = await context.ledger.messages.load(work.messageId);
      const fileId = message?.attachments.find(({ id }) => id === work.subject)?.scan.fileId ?? null;
      if (fileId !== null) await deleteAtScanner(fileId, signal);
      await record(context, work.messageId, () => [{ type: 'disposed', attachmentId: work.subject }], {
        done: work,
      });
      return { type: 'done' };
    },
    async giveUp(work, { text }) {
      context.log.warn(
        { attachmentId: work.subject, why: text },
        "the scanner's copy was not deleted; it expires there",
      );
      await context.ledger.due.finish(work);
    },
    deadlineMs: disposeForMs,
    tries: context.settings.retry.tries,
    service: 'scanner',
  };

  async function deleteAtScanner(fileId: string, signal: AbortSignal): Promise<void> {
    try {
      await context.scanner.files.delete(fileId, { signal });
    } catch (error) {
      if (!isNotFoundError(error)) throw error;
    }
  }
}
