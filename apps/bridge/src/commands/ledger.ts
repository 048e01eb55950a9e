import { access } from 'node:fs/promises';
import type { Command } from 'commander';
import { loadConfig } from '../config/load';
import type { BridgeConfig } from '../config/schema';
import { readCustodyIdentity } from '../custody/custody-identity';
import { directoryLayout } from '../custody/directory-layout';
import { backupLedger } from '../ledger/backup-ledger';
import { restoreLedger } from '../ledger/restore-ledger';
import { readSealFile, sealFileIn } from '../ledger/seal-file';
import type { Finding } from '../ledger/verify/finding';
import { verifyLedger } from '../ledger/verify/verify-ledger';
import type { CommandContext } from './command-context';
import { CommandError, runCommand } from './command-context';
import { defaultConfigFile } from './config';
import { terminalText } from './terminal-text';

const configOption = [
  '-c, --config <file>',
  'the configuration that names the ledger',
  defaultConfigFile,
] as const;

/** Adds `mft-bridge ledger verify`, `ledger backup` and `ledger restore`. */
export function registerLedger(program: Command, context: CommandContext): void {
  const ledger = program.command('ledger').description('check, copy and bring back the ledger');
  ledger
    .command('verify')
    .description('check everything that must always hold, beside a running bridge or without one')
    .option(...configOption)
    .option('--seals <file>', 'exported seals to compare with, instead of those in the data directory')
    .option('--json', 'one JSON object a line: each finding, and the counts at the end')
    .action((options: { config: string; seals?: string; json?: true }) =>
      runCommand(context, () => verify(options, context)),
    );
  ledger
    .command('backup')
    .description('copy the ledger to a new file, beside a running bridge or without one')
    .argument('<file>', 'where to; it must not exist')
    .option(...configOption)
    .action((file: string, { config }: { config: string }) =>
      runCommand(context, async () => {
        const { ledger: where, custody } = await load(config, context);
        await backupLedger(where.file, file);
        context.stdout.write(
          `The ledger is in ${file}. Neither the key file (${custody.keyFile}) nor custody (${custody.directory}) is in it: back them up as well.\n`,
        );
      }),
    );
  ledger
    .command('restore')
    .description('put a backup in the place of the ledger; the bridge must be stopped')
    .argument('<file>', 'a backup made by "ledger backup"')
    .option(...configOption)
    .option('--after-restore', 'hold everything that may have gone its way since the backup was made')
    .option('--unchanged', 'the bridge has not run since the backup was made: a move to another machine')
    .action((file: string, options: { config: string; afterRestore?: true; unchanged?: true }) =>
      runCommand(context, () => restore(file, options, context)),
    );
}

/** @throws CommandError where the ledger is no file */
async function load(file: string, { env }: CommandContext): Promise<BridgeConfig> {
  const config = await loadConfig(file, env, { secrets: 'leave' });
  if (config.ledger.postgres !== null) {
    throw new CommandError(
      'The ledger is on PostgreSQL: this command is for a ledger in a file. Back it up and bring it back with the means of the server (pg_dump, point-in-time recovery).',
    );
  }
  return config;
}

async function verify(
  { config, seals, json }: { config: string; seals?: string; json?: true },
  context: CommandContext,
): Promise<void> {
  const { ledger, custody, dataDirectory } = await load(config, context);
  const layout = directoryLayout(custody.directory);
  const print = ({ check, messageId, problem, advice }: Finding): void => {
    const about = messageId === null ? '' : ` message ${messageId}:`;
    context.stdout.write(
      json === true
        ? `${JSON.stringify({ check, messageId, problem, advice })}\n`
        : `${check}:${terminalText(`${about} ${problem}`)}\n  ${advice}\n`,
    );
  };
  const counts = await verifyLedger({
    file: ledger.file,
    now: context.now,
    async hasObject(key) {
      try {
        await access(layout.objectPath(key));
        return true;
      } catch {
        return false;
      }
    },
    seals: readSealFile(seals ?? sealFileIn(dataDirectory), { mayBeMissing: seals === undefined }),
    onFinding: print,
  });
  if (json === true) context.stdout.write(`${JSON.stringify(counts)}\n`);
  else {
    const what = `${counts.messages} messages, ${counts.events} events, ${counts.seals} seals`;
    context.stdout.write(
      counts.findings === 0 ? `ok: ${what}\n` : `${counts.findings} findings in ${what}\n`,
    );
  }
  if (counts.findings > 0) context.setExitCode(1);
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
  const { ledger, custody, dataDirectory } = await load(config, context);
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
      ...(afterRestore === true
        ? [
            `${held} messages are held, ${searched} deliveries are searched for at their destinations once the bridge runs.`,
            'Messages that this ledger does not know are held when they are found at the gateway.',
          ]
        : []),
      'Start the bridge, then run "mft-bridge ledger verify".',
      '',
    ].join('\n'),
  );
}
