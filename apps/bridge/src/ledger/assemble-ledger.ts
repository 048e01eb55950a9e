import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Message } from '../domain/message';
import type { ChainHead } from './chain';
import { chainStart } from './chain';
import { createCommandWrites } from './command-ledger';
import { commitProgram } from './commit-program';
import { createDueWrites } from './due-ledger';
import { createExplain } from './due-explain';
import { createHasten } from './due-hasten';
import { createDueStatements } from './due-statements';
import { createIntakeFailureWrites } from './intake-failure-ledger';
import type { Ledger } from './ledger';
import { StaleChangeError } from './ledger';
import type { LedgerReader } from './ledger-reader';
import { createLedgerReader } from './ledger-reader';
import { rememberMessages, withoutMemory } from './message-memory';
import type { ProgramExecutor } from './program';
import type { ReadSource } from './read-source';
import { createRetention } from './retention-ledger';
import { createRowStatements } from './row-statements';
import { createSealWrites } from './seal-ledger';
import { createSettingWrites } from './setting-ledger';
import { createSkippedWrites } from './skipped-ledger';
import type { Tables } from './tables';

/** What a ledger stands on. */
export interface LedgerParts {
  /** Compiles for the database. */
  readonly db: Kysely<Tables>;
  readonly writer: ProgramExecutor;
  readonly source: ReadSource;
  readonly claim: Ledger['due']['claim'];
  /** Epoch ms. */
  readonly now: () => number;
  /** Others may write it as well. */
  readonly isShared?: boolean;
  /** Whether nobody else can be sending when leases are voided; so it is unless said otherwise. */
  readonly mayEndIntents?: boolean;
  /** Makes ids of due rows; random by default. */
  readonly newId?: (() => string) | undefined;
  /** Gives up the right to write, when all is written. */
  readonly release: () => unknown;
}

/** The ledger over whatever runs its programs and reads its rows. */
export function assembleLedger({
  db,
  writer,
  source,
  claim,
  now,
  isShared = false,
  mayEndIntents = true,
  newId = () => randomUUID().replaceAll('-', ''),
  release,
}: LedgerParts): Ledger & Pick<LedgerReader, 'audit'> {
  const reader = createLedgerReader(db, source, now);
  const due = createDueStatements(db);
  const tools = { rows: createRowStatements(db), due, newId };
  const exact = { commit: createCommit(reader, writer, tools), load: reader.messages.load };
  const { commit, load, forget, forgetAll } = isShared ? withoutMemory(exact) : rememberMessages(exact);
  return {
    ...reader,
    commit,
    messages: { ...reader.messages, load },
    due: {
      ...reader.due,
      ...createDueWrites(due, writer, claim, { forgetAll, mayEndIntents }),
      hasten: createHasten(db, writer),
      explain: createExplain(db, writer),
    },
    intakeFailures: { ...reader.intakeFailures, ...createIntakeFailureWrites(db, writer) },
    skipped: { ...reader.skipped, ...createSkippedWrites(db, writer) },
    commands: { ...reader.commands, ...createCommandWrites(db, writer, source, tools) },
    settings: { ...reader.settings, ...createSettingWrites(db, writer) },
    seals: { ...reader.seals, ...createSealWrites(db, writer, source, tools.rows) },
    retention: createRetention(db, writer, source, forget),
    async close() {
      // The writer last: it writes the log back into the file when nobody else has it open.
      await reader.close();
      await writer.close();
      await release();
    },
  };
}

function createCommit(
  { audit }: Pick<LedgerReader, 'audit'>,
  executor: ProgramExecutor,
  tools: Parameters<typeof commitProgram>[0],
): Ledger['commit'] {
  // Of what this process committed, for as long as somebody has the message: who changes it next brings it along, and needs no
  // read. What else changed it meanwhile raised its revision, at which the program is refused.
  const heads = new WeakMap<Message, ChainHead>();

  async function headAt(message: Message): Promise<ChainHead> {
    const head = await audit.head(message.id);
    if (head?.revision !== message.revision) {
      throw new StaleChangeError(
        `message ${message.id} is at revision ${head?.revision ?? 'none'}, no longer at ${message.revision}`,
      );
    }
    return head;
  }

  return async (change) => {
    const { before, after } = change;
    const from = before === undefined ? chainStart : (heads.get(before) ?? (await headAt(before)));
    const { program, head } = commitProgram(tools, change, from);
    await executor.run(program);
    heads.set(after, head);
  };
}
