import type { Command } from 'commander';
import { formatByteSize } from '../config/byte-size';
import { parseDuration } from '../config/duration';
import { loadConfig } from '../config/load';
import type { BridgeConfig } from '../config/schema';
import type { CustodySite } from '../custody/custody-site';
import { openKeyRing } from '../custody/key-ring';
import { postgresTarget } from '../ledger/open-ledger';
import { readSealFile, sealFileIn } from '../ledger/seal-file';
import type { Finding } from '../ledger/verify/finding';
import { verifyLedger } from '../ledger/verify/verify-ledger';
import type { VerifyCounts, VerifyRowsOptions } from '../ledger/verify/verify-rows';
import { openStore } from '../open-custody';
import type { CommandContext } from './command-context';
import { CommandError, runCommand } from './command-context';
import { ledgerConfigOption } from './ledger-option';
import { terminalText } from './terminal-text';

interface LedgerVerifyOptions {
  readonly config: string;
  readonly seals?: string;
  readonly readCustody?: true;
  readonly keptAtLeast?: string;
  readonly json?: true;
}

/** Adds `mft-bridge ledger verify`: exit code 1 where something does not hold. */
export function registerLedgerVerify(ledger: Command, context: CommandContext): void {
  ledger
    .command('verify')
    .description('check everything that must always hold, beside a running bridge or without one')
    .option(...ledgerConfigOption)
    .option('--seals <file>', 'exported seals to compare with, instead of those in the data directory')
    .option('--read-custody', 'read every object in custody, and compare it with what was taken')
    .option(
      '--kept-at-least <duration>',
      'how long messages were kept before they were forgotten, where "retention" of the configuration was shorter once',
    )
    .option('--json', 'one JSON object a line: each finding, and the counts at the end')
    .action((options: LedgerVerifyOptions) => runCommand(context, () => verify(options, context)));
}

async function verify(
  { config: file, seals, readCustody, keptAtLeast, json }: LedgerVerifyOptions,
  context: CommandContext,
): Promise<void> {
  const config = await loadConfig(file, context.env, { secrets: 'if-there' });
  const keptMs = keptAtLeast === undefined ? keptBy(config) : durationOf(keptAtLeast);
  const store = await openStore(config);
  const progress = createReadProgress(context);
  let counts: VerifyCounts;
  try {
    counts = await verifyWhereItIs(config, {
      now: context.now,
      keptMs,
      deadlines: deadlinesOf(config),
      hasObject: (key) => store.site.has(key),
      ...(readCustody === true ? await readingOf(config, store.site, context) : {}),
      onRead: progress.add,
      seals: readSealFile(seals ?? sealFileIn(config.dataDirectory), { mayBeMissing: seals === undefined }),
      onFinding: (found) =>
        void context.stdout.write(json === true ? `${JSON.stringify(plain(found))}\n` : findingText(found)),
    });
  } finally {
    await store.close();
  }
  if (json === true) context.stdout.write(`${JSON.stringify(counts)}\n`);
  else {
    const forgotten = counts.forgotten === 0 ? '' : `, ${counts.forgotten} forgotten`;
    const read = readCustody === true ? `, ${progress.text()}` : '';
    const what = `${counts.messages} messages, ${counts.events} events, ${counts.seals} seals${forgotten}${read}`;
    context.stdout.write(
      counts.findings === 0 ? `ok: ${what}\n` : `${counts.findings} findings in ${what}\n`,
    );
  }
  if (counts.findings > 0) context.setExitCode(1);
}

/** What a message is kept for by this configuration. */
const keptBy = ({ retention }: BridgeConfig): number => Math.max(retention.ledger, retention.audit);

/** After which work comes to a place where people see it. */
function deadlinesOf({ scanner, delivery }: BridgeConfig): NonNullable<VerifyRowsOptions['deadlines']> {
  return {
    scan: scanner.deadline,
    decide: scanner.deadline,
    deliver: delivery.deadline,
    confirm: delivery.confirmDeadline,
    reconcile: delivery.searchFor,
  };
}

function durationOf(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new CommandError(`--kept-at-least takes a duration such as 400d or 36h, not "${text}".`);
}

/** With the keys as they are: nothing is made, and nothing in the store is touched. */
async function readingOf(
  { custody }: BridgeConfig,
  site: CustodySite,
  { now }: CommandContext,
): Promise<Pick<VerifyRowsOptions, 'readObject'>> {
  const { ring } = await openKeyRing({ path: custody.keyFile, holdsData: true, now });
  return { readObject: (key) => site.read(ring, key) };
}

/** Says on stderr, every 10 seconds, how much was read: custody may hold terabytes. */
function createReadProgress({ now, stderr }: CommandContext): {
  add: NonNullable<VerifyRowsOptions['onRead']>;
  text: () => string;
} {
  let [objects, bytes, toldAt] = [0, 0, now()];
  const text = (): string => `${String(objects)} objects read (${formatByteSize(bytes)})`;
  return {
    text,
    add(read) {
      objects += read.objects;
      bytes += read.bytes;
      if (now() - toldAt < 10_000) return;
      toldAt = now();
      stderr.write(`${text()}\n`);
    },
  };
}

async function verifyWhereItIs({ ledger }: BridgeConfig, options: VerifyRowsOptions): Promise<VerifyCounts> {
  if (ledger.postgres === null) return verifyLedger({ file: ledger.file, ...options });
  const { verifyPostgresLedger } = await import('../ledger/verify/verify-postgres-ledger');
  return verifyPostgresLedger(postgresTarget(ledger.postgres), options);
}

const plain = ({ check, messageId, problem, advice }: Finding): Finding => ({
  check,
  messageId,
  problem,
  advice,
});

/** A finding as a person reads it. */
export function findingText({ check, messageId, problem, advice }: Finding): string {
  const about = messageId === null ? '' : ` message ${messageId}:`;
  return `${check}:${terminalText(`${about} ${problem}`)}\n  ${advice}\n`;
}
