import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { Option } from 'commander';
import { loadConfig } from '../config/load';
import type { BridgeConfig } from '../config/schema';
import type { MovedLedger, MovedSource } from '../ledger/move/move-ledger';
import { postgresTarget } from '../ledger/open-ledger';
import type { PostgresTarget } from '../ledger/postgres/postgres-address';
import { sealFileIn } from '../ledger/seal-file';
import { openStore } from '../open-custody';
import type { CommandContext } from './command-context';
import { CommandError, runCommand } from './command-context';
import { ledgerConfigOption } from './ledger-option';
import { findingText } from './ledger-verify';

interface LedgerMigrateOptions {
  readonly config: string;
  readonly to: string;
  readonly schema?: string;
  readonly tls?: 'verify' | 'off';
  readonly ca?: string;
  readonly withFindings?: true;
}

/** Adds `mft-bridge ledger migrate`. */
export function registerLedgerMigrate(ledger: Command, context: CommandContext): void {
  ledger
    .command('migrate')
    .description('move a ledger from its file to PostgreSQL; the bridge must be stopped')
    .requiredOption(
      '--to <where>',
      'postgres://USER@HOST:5432/DATABASE with the password in PGPASSWORD, or a configuration file whose ledger is there',
    )
    .option(...ledgerConfigOption)
    .option('--schema <name>', 'where the tables are made (default: mft_bridge)')
    .addOption(
      new Option('--tls <how>', 'off sends the password in clear (default: verify)').choices([
        'verify',
        'off',
      ]),
    )
    .option('--ca <file>', "certificates that are trusted instead of the system's, PEM")
    .option('--with-findings', 'move the ledger although "ledger verify" finds something')
    .action((options: LedgerMigrateOptions) => runCommand(context, () => migrate(options, context)));
}

async function migrate(options: LedgerMigrateOptions, context: CommandContext): Promise<void> {
  const { env, stdout, stderr, now } = context;
  const config = await loadConfig(options.config, env, { secrets: 'if-there' });
  if (config.ledger.postgres !== null) {
    throw new CommandError(
      `The ledger of ${options.config} is on PostgreSQL already. Name the configuration of the bridge with the file by --config.`,
    );
  }
  const { target, custodyOf } = await readTarget(options, config, context);
  const { moveLedger } = await import('../ledger/move/move-ledger');
  const store = await openStore(config);
  let moved: MovedLedger;
  try {
    moved = await moveLedger({
      file: config.ledger.file,
      target,
      sealFile: sealFileIn(config.dataDirectory),
      hasObject: (key) => store.site.has(key),
      withFindings: options.withFindings === true,
      now,
      newId: randomUUID,
      onFinding: (found) => void stdout.write(findingText(found)),
      onStep: (text) => void stderr.write(`${text}\n`),
      moveCustody: custodyOf === null ? undefined : (source) => carry(source, config, custodyOf, context),
    });
  } finally {
    await store.close();
  }
  stdout.write(`${report(moved, config, target, custodyOf).join('\n')}\n`);
}

async function carry(
  { ledgerId, keys }: MovedSource,
  { custody }: BridgeConfig,
  to: BridgeConfig,
  { stdout, stderr }: CommandContext,
): Promise<void> {
  const place = custodyPlace(to);
  stderr.write(`copying custody to ${place}\n`);
  if (ledgerId === undefined)
    throw new CommandError('This ledger was never bound to its custody. Start the bridge once where it is.');
  const { moveCustody } = await import('../move-custody');
  const { objects, known, bytes, missing } = await moveCustody({
    from: custody.directory,
    to,
    ledgerId,
    keys: keys(),
    onCarried(count) {
      if (count % 1_000 === 0) stderr.write(`  ${count} objects\n`);
    },
  });
  stdout.write(
    `Custody: ${objects} objects (${bytes} bytes sealed) are in ${place} and were read back from there; ${known} of them from an earlier run, ${missing} were missing.\n`,
  );
}

function report(
  { rows, to }: MovedLedger,
  { ledger, custody }: BridgeConfig,
  { schema }: PostgresTarget,
  custodyOf: BridgeConfig | null,
): readonly string[] {
  const counts = [...rows]
    .filter(([, count]) => count > 0)
    .map(([table, count]) => `  ${table}: ${count} rows`);
  return [
    rows.size === 0 ? `The ledger was at ${to} already.` : `The ledger is at ${to}. Counted and compared:`,
    ...counts,
    `${ledger.file} was left as it is; no bridge starts on it any more.`,
    custodyOf === null
      ? `Custody stays where it is, in ${custodyPlace({ custody })}; so does the key file, ${custody.keyFile}.`
      : `What was in ${custody.directory} was left there as well. The key file, ${custody.keyFile}, goes to each machine.`,
    `Configure ledger.postgres (schema: ${schema}) in the place of ledger.file, then run "mft-bridge ledger verify" and start the bridge.`,
  ];
}

interface Target {
  readonly target: PostgresTarget;
  /** The configuration of the new custody; null where it stays. */
  readonly custodyOf: BridgeConfig | null;
}

async function readTarget(
  { to, schema, tls, ca }: LedgerMigrateOptions,
  own: BridgeConfig,
  { env }: CommandContext,
): Promise<Target> {
  if (/^postgres(ql)?:/i.test(to)) {
    const url = withPassword(to, env);
    const target = { url, schema: schema ?? 'mft_bridge', tls: tls ?? 'verify', ca: ca ?? null };
    return { target, custodyOf: null };
  }
  if (schema !== undefined || tls !== undefined || ca !== undefined)
    throw new CommandError(
      '--schema, --tls and --ca belong to a URL; a configuration file says them itself.',
    );
  const config = await loadConfig(to, env, { secrets: 'if-there' });
  if (config.ledger.postgres === null)
    throw new CommandError(`${to} does not say where the ledger is to go: it has no ledger.postgres.`);
  const stays = custodyPlace(config) === custodyPlace(own);
  if (!stays && own.custody.bucket !== null) {
    throw new CommandError(
      `Custody is in a bucket, and ${to} has it in another place (${custodyPlace(config)}). Name the same bucket in both: only a directory is copied.`,
    );
  }
  return { target: postgresTarget(config.ledger.postgres), custodyOf: stays ? null : config };
}

/** What is typed is seen by others on the machine and stays in the shell's history: the password may come by itself. */
function withPassword(url: string, env: CommandContext['env']): string {
  const password = env['PGPASSWORD'];
  if (password === undefined || !URL.canParse(url)) return url;
  const parsed = new URL(url);
  if (parsed.password === '') parsed.password = encodeURIComponent(password);
  return parsed.href;
}

function custodyPlace({ custody: { bucket, directory } }: Pick<BridgeConfig, 'custody'>): string {
  return bucket === null ? directory : `bucket ${bucket.bucket}, ${bucket.prefix}`;
}
