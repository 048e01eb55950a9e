import type { Kysely } from 'kysely';
import type { DueStatements } from './due-statements';
import type { AskedCommand, Command, CommandOutcome, Ledger } from './ledger';
import type { ProgramExecutor } from './program';
import type { ReadSource } from './read-source';
import type { RowStatements } from './row-statements';
import { template } from './statement';
import type { CommandRow, MessageRow, Tables } from './tables';

/** What was asked for, and what came of it. */
export function createCommandReads(db: Kysely<Tables>, source: ReadSource): Pick<Ledger['commands'], 'find'> {
  const byId = template<{ id: string }, CommandRow>((slot) =>
    db.selectFrom('command').selectAll().where('id', '=', slot('id')).compile(),
  );
  return {
    async find(id) {
      const [[row]] = await source.read([byId({ id })]);
      return row && decode(row);
    },
  };
}

export interface CommandTools {
  readonly rows: RowStatements;
  readonly due: DueStatements;
  readonly newId: () => string;
}

/** Asks for something, and notes what came of it. */
export function createCommandWrites(
  db: Kysely<Tables>,
  executor: ProgramExecutor,
  source: ReadSource,
  { rows, due, newId }: CommandTools,
): Omit<Ledger['commands'], 'find'> {
  const partners = template<{ id: string }, Pick<MessageRow, 'partner'>>((slot) =>
    db.selectFrom('message').select('partner').where('id', '=', slot('id')).compile(),
  );
  return {
    async ask(command) {
      const { id, messageId, askedAt } = command;
      const [[message]] = await source.read([partners({ id: messageId })]);
      if (message === undefined) throw new Error(`message ${messageId} is not in the ledger`);
      const { partner } = message;
      await executor.run([
        rows.insert('command', encode(command)),
        due.ask({
          id: newId(),
          kind: 'command',
          subject: id,
          message_id: messageId,
          partner,
          due_at: askedAt,
          since: askedAt,
        }),
      ]);
    },
    async conclude(id, outcome, at) {
      await executor.run([rows.update('command', id, { outcome: JSON.stringify(outcome), done_at: at })]);
    },
  };
}

function encode(command: Command): CommandRow {
  return {
    id: command.id,
    kind: command.kind,
    message_id: command.messageId,
    argument: JSON.stringify(command.argument),
    actor: command.actor,
    asked_at: command.askedAt,
    done_at: null,
    outcome: null,
  };
}

function decode(row: CommandRow): AskedCommand {
  return {
    id: row.id,
    kind: row.kind as Command['kind'],
    messageId: row.message_id,
    argument: JSON.parse(row.argument) as Command['argument'],
    actor: row.actor,
    askedAt: row.asked_at,
    doneAt: row.done_at,
    outcome: row.outcome === null ? null : (JSON.parse(row.outcome) as CommandOutcome),
  };
}
