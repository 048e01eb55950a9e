import type { AskedCommand } from '../ledger/ledger';
import { CommandRefusedError } from './command-refused-error';
import type { PipelineContext } from './context';
import { record } from './record';
import { replayEvents } from './replay';
import type { StageHandler } from './stage';

/** Does what a person asked for, and tells what came of it. */
export function createCommandStage(context: PipelineContext): StageHandler {
  const { ledger, log, now } = context;

  async function execute(command: AskedCommand): Promise<string> {
    const { kind, messageId, actor, argument } = command;
    switch (kind) {
      case 'replay': {
        const plan = { actor, evenIfSent: argument['evenIfSent'] === true };
        await record(context, messageId, (message) => replayEvents(context, message, plan));
        return 'It goes its way again, from a fresh scan.';
      }
      case 'legal-hold': {
        const on = argument['on'] === true;
        const why = typeof argument['why'] === 'string' ? argument['why'] : '';
        await record(context, messageId, (message) =>
          message.legalHold === on ? [] : [{ type: 'legal-hold', on, actor, why }],
        );
        return on ? 'It is under legal hold: nothing of it is removed.' : 'The legal hold is lifted.';
      }
    }
  }

  return {
    async run(work) {
      const command = await ledger.commands.find(work.subject);
      if (command !== undefined && command.doneAt === null) {
        const outcome = await execute(command).catch((error: unknown) => {
          // What cannot be done now cannot be done later either: the one who asked must know, and ask again.
          if (!(error instanceof CommandRefusedError)) throw error;
          return error.message;
        });
        log.info({ messageId: command.messageId, command: command.kind, actor: command.actor }, outcome);
        await ledger.commands.conclude(command.id, outcome, now());
      }
      await ledger.due.finish(work);
      return { type: 'done' };
    },
    async giveUp(work, { text }) {
      await ledger.commands.conclude(work.subject, `It could not be done: ${text}`, now());
      await ledger.due.finish(work);
    },
    deadlineMs: 3_600_000,
    tries: context.settings.retry.tries,
    service: null,
  };
}
