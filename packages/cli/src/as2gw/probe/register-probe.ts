import type { Command } from 'commander';
import type { CliContext } from '../../context';
import type { ExitStatus } from '../../exit-status';
import { parseDuration } from '../../options/parse-duration';
import type { Probe } from '../../probe/probe';
import { notTried } from '../../probe/probe';
import { runProbes } from '../../probe/run-probes';
import { cliVersion } from '../../program';
import type { Run } from '../../run-command';
import { CommandError, runCommand } from '../../run-command';
import { writeJson } from '../../write-json';
import type { As2gwOptions, GatewayTarget } from '../connection';
import { addAs2gwOptions, gatewayTarget } from '../connection';
import { answerProbes } from './answer-probes';
import type { As2Lab } from './lab';
import { createAs2Lab } from './lab';
import { listProbes } from './list-probes';
import { messageProbes } from './message-probes';
import { sessionProbes } from './session-probes';

interface ProbeOptions extends As2gwOptions {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly timeout: number;
}

const probes: readonly Probe<As2Lab>[] = [
  ...sessionProbes,
  ...listProbes,
  ...messageProbes,
  ...answerProbes,
].sort((one, other) => one.number - other.number);

/** Adds `as2gw probe`. */
export function registerProbe(program: Command, context: CliContext): void {
  addAs2gwOptions(
    program
      .command('probe')
      .description('try what the documentation leaves open, and say for each whether our reading holds')
      .option('--from <station>', 'AS2 identifier of a station of yours, to send from')
      .option('--to <partner>', 'AS2 identifier of a partner that leads back to a station of yours')
      .option(
        '--timeout <span>',
        'longest wait for a message to be sent, and to come back',
        parseDuration,
        60_000,
      ),
  )
    .addHelpText(
      'after',
      `
Without --from and --to it only reads, and marks nothing. With them it sends three small messages with mft-probe- in their
subjects and deletes them at the end; choose a partner that is a station of your own, so that nobody else receives them. Secrets,
host, user and AS2 names are taken out: the result can be sent to us as it is. Exit status: 0 nothing differs, 2 something does.`,
    )
    .action((options: ProbeOptions) => runCommand(context, (run) => probe(run, options)));
}

async function probe(run: Run, options: ProbeOptions): Promise<ExitStatus> {
  const { from, to, json } = options;
  if ((from === undefined) !== (to === undefined))
    throw new CommandError('Give both --from and --to, or neither.');
  const parties = from === undefined || to === undefined ? undefined : { from, to };
  const target = await gatewayTarget(run, options);
  const lab = await createAs2Lab(run, options, target, { parties, timeoutMs: options.timeout });
  try {
    const about = { probe: 'as2gw', cli: cliVersion, node: process.version, sends: parties !== undefined };
    if (json === true) writeJson(run.stdout, about);
    else run.stdout.write(`as2gw ${cliVersion}, MFT Gateway, Node ${process.version}\n\n`);
    // A refused login is a finding by itself; nothing else can be seen then.
    const shown =
      lab.token !== undefined
        ? probes
        : probes.map((one) =>
            one.number === 1 ? one : notTried(one.number, one.question, 'The login was refused.'),
          );
    return await runProbes(run, lab, shown, { json: json === true, clean: cleaner(target, parties) });
  } finally {
    await lab.undo.runAll();
    await lab.close();
  }
}

/** What would say whose account it is. */
function cleaner({ url, auth }: GatewayTarget, parties: As2Lab['parties']): (text: string) => string {
  const { host, hostname } = new URL(url);
  const names: readonly (readonly [string, string])[] = [
    ['tokenId' in auth ? auth.tokenId : auth.username, '[user]'],
    [parties?.from ?? '', '[station]'],
    [parties?.to ?? '', '[partner]'],
    [host, '[host]'],
    [hostname, '[host]'],
  ];
  return (text) =>
    names
      .filter(([name]) => name.length > 2)
      .reduce((clean, [name, instead]) => clean.replaceAll(name, instead), text);
}
