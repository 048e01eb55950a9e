import { existsSync, renameSync } from 'node:fs';
import type { Command } from 'commander';
import { loadConfig } from '../config/load';
import type { BridgeConfig } from '../config/schema';
import { readCustodyIdentity } from '../custody/custody-identity';
import { backupLedger } from '../ledger/backup-ledger';
import type { RestoreMarks } from '../ledger/mark-restored';
import { postgresTarget } from '../ledger/open-ledger';
import { restoreLedger } from '../ledger/restore-ledger';
import { sealFileIn } from '../ledger/seal-file';
import type { CommandContext } from './command-context';
import { CommandError, runCommand } from './command-context';
import { ledgerConfigOption } from './ledger-option';

/** Adds `mft-bridge ledger backup`, `ledger restore` and `ledger after-restore`. */
export function registerLedgerRestore(ledger: Command, context: CommandContext): void {
  ledger
    .command('backup')
    .description('copy a ledger in a file to a new file, beside a running bridge or without one')
    .argument('<file>', 'where to; it must not exist')
    .option(...ledgerConfigOption)
    .action((file: string, { config }: { config: string }) =>
      runCommand(context, async () => {
        const { ledger: where, custody } = await loadWithFile(config, context);
        await backupLedger(where.file, file);
        context.stdout.write(
          `The ledger is in ${file}. Neither the key file (${custody.keyFile}) nor custody (${custody.directory}) is in it: back them up as well.\n`,
        );
      }),
    );
  ledger
    .command('restore')
    .description('put a backup in the place of a ledger in a file; the bridge must be stopped')
    .argument('<file>', 'a backup made by "ledger backup"')
    .option(...ledgerConfigOption)
    .option('--after-restore', 'hold everything that may have gone its way since the backup was made')
    .option('--unchanged', 'the bridge has not run since the backup was made: a move to another machine')
    .action((file: string, options: { config: string; afterRestore?: true; unchanged?: true }) =>
      runCommand(context, () => restore(file, options, context)),
    );
  ledger
    .command('after-restore')
    .description(
      'mark a ledger on PostgreSQL that its server brought back to an earlier state; no bridge may run',
    )
    .option(...ledgerConfigOption)
    .action(({ config }: { config: string }) => runCommand(context, () => markServer(config, context)));
}

/** @throws CommandError where the ledger is no file */
async function loadWithFile(file: string, { env }: CommandContext): Promise<BridgeConfig> {
  const config = await loadConfig(file, env, { secrets: 'leave' });
  if (config.ledger.postgres !== null) {
    throw new CommandError(
      `The ledger is on PostgreSQL (schema ${config.ledger.postgres.schema}): this command is for a ledger in a file. Its server backs it up and brings it back: base backups with the archived log (pg_basebackup, point-in-time recovery), as docs/failover.md tells. Once it is back at an earlier state, run "mft-bridge ledger after-restore" before any bridge is started.`,
    );
  }
  return config;
}

async function restore(
  backup: string,
  { config, afterRestore, unchanged }: { config: string; afterRestore?: true; unchanged?: true },
  context: CommandContext,
): Promise<void> {
  if ((afterRestore === true) === (unchanged === true)) {
    throw new CommandError(
      'Say one of two things. --after-restore: the bridge has run since the backup was made. All deliveries that were not finished then, and all that this ledger does not know, are held until a person or a search at the destination says what became of them, so that nothing is sent twice. --unchanged: the bridge has not run since; nothing is held.',
    );
  }
  const { ledger, custody, dataDirectory } = await loadWithFile(config, context);
  const { replaced, held, searched } = await restoreLedger({
    file: ledger.file,
    backup,
    mode: afterRestore === true ? 'after-restore' : 'unchanged',
    custodyOf: await readCustodyIdentity(custody.directory),
    sealFile: sealFileIn(dataDirectory),
    now: context.now,
  });
  context.stdout.write(
    [
      `The ledger is back.${replaced === undefined ? '' : ` The one before it is ${replaced}.`}`,
      ...(afterRestore === true ? marksText({ held, searched }) : []),
      'Start the bridge, then run "mft-bridge ledger verify".',
      '',
    ].join('\n'),
  );
}

async function markServer(file: string, context: CommandContext): Promise<void> {
  const { ledger, dataDirectory } = await loadConfig(file, context.env, { secrets: 'if-there' });
  if (ledger.postgres === null) {
    throw new CommandError(
      `The ledger is the file ${ledger.file}: bring a backup of it back with "mft-bridge ledger restore FILE --after-restore", which marks it as well.`,
    );
  }
  const { markPostgresRestored } = await import('../ledger/restore-postgres-ledger');
  const marks = await markPostgresRestored(postgresTarget(ledger.postgres), context.now);
  const seals = sealFileIn(dataDirectory);
  const aside = `${seals}.replaced-${new Date(context.now()).toISOString().replaceAll(/[:.]/g, '-')}`;
  if (existsSync(seals)) renameSync(seals, aside);
  context.stdout.write(
    [
      'The ledger is marked as restored.',
      ...marksText(marks),
      `Exported seals belong to the state that was replaced: on each other machine that ran a bridge, move ${seals} away as well.`,
      'Start the bridges, then run "mft-bridge ledger verify".',
      '',
    ].join('\n'),
  );
}

function marksText({ held, searched }: RestoreMarks): readonly string[] {
  return [
    `${held} messages are held, ${searched} deliveries are searched for at their destinations once the bridge runs.`,
    'Messages that this ledger does not know are held when they are found at the gateway.',
  ];
}
