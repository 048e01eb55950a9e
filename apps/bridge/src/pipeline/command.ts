import type { Message } from '../domain/message';
import type { MessageEvent } from '../domain/message-event';
import { planReplay } from '../domain/plan-replay';
import type { AskedCommand, CommandOutcome } from '../ledger/ledger';
import type { PipelineContext } from './context';
import { readRestoredAt } from './intake/restored-at';
import { record } from './record';
import type { StageHandler } from './stage';

/** What a person asked for is not allowed by the state of the message. The text is for that person. */
class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** How long a command is tried; after that the one who asked must know that it was not done. */
const commandForMs = 3_600_000;

/** Does what a person asked for, and tells what came of it. A command is carried out once, wherever the process ends. */
export function createCommandStage(context: PipelineContext): StageHandler {
  const { ledger, log, now } = context;

  async function execute(command: AskedCommand): Promise<string> {
    const { kind, messageId, actor, argument } = command;
    switch (kind) {
      case 'replay': {
        if (context.settings.mode === 'observe')
          throw new RefusedError(
            'The bridge runs in mode observe: it forwards nothing. Replay it in mode enforce.',
          );
        const restoredAt = await readRestoredAt(ledger);
        // The change may be written, and the process dead before its end was noted.
        if (!(await wasReplayed(command)))
          await record(context, messageId, (message) => replay(command, message, restoredAt));
        return 'It goes its way again, from a fresh scan.';
      }
      case 'legal-hold': {
        const on = argument['on'] === true;
        const why = typeof argument['why'] === 'string' ? argument['why'] : '';
        await record(context, messageId, (message) =>
          message.legalHold === on ? [] : [{ type: 'legal-hold', on, actor, why }],
        );
        return on ? 'It is under legal hold: nothing of it is removed.' : 'It is under no legal hold.';
      }
    }
  }

  function replay(
    { id, actor, argument }: AskedCommand,
    message: Message,
    restoredAt: number | null,
  ): readonly MessageEvent[] {
    const { routes, destinations, newId } = context;
    const evenIfSent = argument['evenIfSent'] === true;
    // It may have been replayed, and sent, after the backup was made.
    if (restoredAt !== null && message.takenAt < restoredAt && !evenIfSent)
      throw new RefusedError(
        'The ledger was restored since it was taken: it may have been sent already, and would then arrive twice. Look at the destination first; to send it all the same, replay it with --even-if-sent (evenIfSent in the API).',
      );
    const plan = planReplay(message, { command: id, actor, evenIfSent, routes, destinations, newId });
    if (plan.refusal !== undefined) throw new RefusedError(plan.refusal);
    return [plan.event];
  }

  async function wasReplayed({ id, messageId }: AskedCommand): Promise<boolean> {
    const timeline = await ledger.messages.timeline(messageId);
    return timeline.some(({ event }) => event.type === 'replayed' && event.command === id);
  }

  return {
    async run(work) {
      const command = await ledger.commands.find(work.subject);
      if (command !== undefined && command.doneAt === null) {
        const outcome = await execute(command).then(
          (text): CommandOutcome => ({ done: true, text }),
          (error: unknown): CommandOutcome => {
            // What cannot be done now cannot be done later either: the one who asked must know, and ask again.
            if (!(error instanceof RefusedError)) throw error;
            return { done: false, text: error.message };
          },
        );
        const { messageId, kind, actor } = command;
        log.info({ messageId, command: kind, actor, done: outcome.done }, outcome.text);
        await ledger.commands.conclude(command.id, outcome, now());
      }
      await ledger.due.finish(work);
      return { type: 'done' };
    },
    async giveUp(work, { text }) {
      const command = await ledger.commands.find(work.subject);
      if (command?.doneAt === null)
        await ledger.commands.conclude(
          work.subject,
          { done: false, text: `It could not be done: ${text}` },
          now(),
        );
      await ledger.due.finish(work);
    },
    deadlineMs: commandForMs,
    tries: context.settings.retry.tries,
    service: null,
  };
}
