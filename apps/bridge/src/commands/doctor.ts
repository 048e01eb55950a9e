import type { Command } from 'commander';
import { openGateway } from '../clients/open-gateway';
import { openScanner } from '../clients/open-scanner';
import { ConfigError } from '../config/config-error';
import { loadConfig } from '../config/load';
import type { BridgeConfig } from '../config/schema';
import { collectSecrets } from '../config/secret';
import { checkBridge } from '../doctor/check-bridge';
import { checkCustody } from '../doctor/check-custody';
import { checkDestinations } from '../doctor/check-destinations';
import { checkDisk } from '../doctor/check-disk';
import { checkGateway } from '../doctor/check-gateway';
import { checkKeys } from '../doctor/check-keys';
import { checkLedger } from '../doctor/check-ledger';
import { checkScanner } from '../doctor/check-scanner';
import type { Finding } from '../doctor/finding';
import { takeNotes } from '../doctor/finding';
import { createLogger } from '../telemetry/log';
import type { CommandContext } from './command-context';
import { runCommand } from './command-context';
import { defaultConfigFile } from './config';
import { terminalText } from './terminal-text';

/** A service that does not answer must not keep a person waiting for all of its tries. */
const patienceMs = 10 * 60_000;

interface DoctorOptions {
  readonly config: string;
  readonly selfTest: boolean;
  readonly json?: true;
}

/** Adds `mft-bridge doctor`: looks at everything that the bridge needs and says what to do. Exit code 1 where it would not work. */
export function registerDoctor(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description('look at everything that the bridge needs, and say what to do')
    .option('-c, --config <file>', 'the configuration', defaultConfigFile)
    .option('--no-self-test', 'do not upload the two files of the self-test to the scanner')
    .option('--json', 'one JSON object a line')
    .action((options: DoctorOptions) => runCommand(context, () => examine(options, context)));
}

async function examine(options: DoctorOptions, context: CommandContext): Promise<void> {
  let failures = 0;
  let warnings = 0;
  // As they are found: a self-test may take minutes.
  const show = (findings: readonly Finding[]): void => {
    for (const finding of findings) {
      if (finding.level === 'failure') failures += 1;
      if (finding.level === 'warning') warnings += 1;
      context.stdout.write(options.json === true ? `${JSON.stringify(finding)}\n` : describe(finding));
    }
  };
  const config = await read(options, context, show);
  if (config !== undefined) await examineAll(config, options, context, show);
  if (options.json !== true) {
    const words = failures === 0 ? 'the bridge can do its work' : 'the bridge would not do its work';
    context.stdout.write(`${count(failures, 'failure')}, ${count(warnings, 'warning')}: ${words}\n`);
  }
  if (failures > 0) context.setExitCode(1);
}

async function read(
  { config: file }: DoctorOptions,
  { env }: CommandContext,
  show: (findings: readonly Finding[]) => void,
): Promise<BridgeConfig | undefined> {
  const notes = takeNotes('program');
  notes.ok(`Node.js ${process.version}`);
  try {
    const config = await loadConfig(file, env);
    notes.ok(`${config.file} can be used, with all secrets that it names`);
    show(notes.findings);
    return config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    notes.fail(error.message, 'Correct it; bridge.example.yaml explains every key.');
    show(notes.findings);
    return undefined;
  }
}

async function examineAll(
  config: BridgeConfig,
  { selfTest }: DoctorOptions,
  { now, stderr }: CommandContext,
  show: (findings: readonly Finding[]) => void,
): Promise<void> {
  const signal = AbortSignal.timeout(patienceMs);
  const log = createLogger({ level: 'error', secrets: collectSecrets(config), destination: stderr });
  show(await checkDisk(config));
  show(await checkCustody(config));
  show(await checkKeys(config));
  show(await checkLedger(config));
  show(await checkDestinations(config));
  const gateway = openGateway(config);
  const scanner = openScanner(config);
  try {
    show(await checkGateway(gateway, config, { now, signal }));
    show(await checkScanner(scanner, config, { now, signal, log, selfTest }));
  } finally {
    await gateway.close();
    await scanner.close();
  }
  show(await checkBridge(config, { signal }));
}

const count = (of: number, what: string): string => `${String(of)} ${what}${of === 1 ? '' : 's'}`;

const marks = { ok: 'ok     ', warning: 'WARNING', failure: 'FAILURE', skipped: 'skipped' } as const;

function describe({ part, level, text, advice }: Finding): string {
  const lines = [`${marks[level]}  ${part.padEnd(12)}  ${terminalText(text).replaceAll('\\u{a}', '\n')}`];
  if (advice !== undefined) lines.push(`${' '.repeat(23)}-> ${terminalText(advice)}`);
  return `${lines.join('\n')}\n`;
}
