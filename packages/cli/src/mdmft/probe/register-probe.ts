import type { Command } from 'commander';
import type { CliContext } from '../../context';
import { readSecretFile } from '../../credentials/read-secret-file';
import type { ExitStatus } from '../../exit-status';
import { parseDuration } from '../../options/parse-duration';
import type { Probe } from '../../probe/probe';
import { notTried } from '../../probe/probe';
import { runProbes } from '../../probe/run-probes';
import { cliVersion } from '../../program';
import type { Run } from '../../run-command';
import { CommandError, runCommand, sentenceOf } from '../../run-command';
import { prompt } from '../../terminal/prompt';
import { writeJson } from '../../write-json';
import type { Login } from '../choose-auth';
import { loginFromEnvironment } from '../choose-auth';
import type { MdmftOptions } from '../mdmft-options';
import { filled, serverUrl } from '../connection';
import { addMdmftOptions } from '../mdmft-options';
import { createSessionStore } from '../session-store';
import { answerProbes } from './answer-probes';
import { beginSession } from './begin-session';
import type { LabStart, MdLab } from './lab';
import { createMdLab } from './lab';
import { sessionProbes } from './session-probes';
import { uploadProbes } from './upload-probes';
import { verdictProbes } from './verdict-probes';

interface ProbeOptions extends MdmftOptions {
  readonly eicar: boolean;
  readonly timeout: number;
}

const probes: readonly Probe<MdLab>[] = [
  ...sessionProbes,
  ...uploadProbes,
  ...verdictProbes,
  ...answerProbes,
].sort((one, other) => one.number - other.number);

/** Adds `mdmft probe`. */
export function registerProbe(program: Command, context: CliContext): void {
  addMdmftOptions(
    program
      .command('probe')
      .description(
        'on a TEST system: try what the documentation leaves open, and say for each whether our reading holds',
      )
      .option('--no-eicar', 'do not send the EICAR test file, which raises the alarms of the scanner')
      .option('--timeout <span>', 'longest wait for a verdict', parseDuration, 5 * 60_000),
  )
    .addHelpText(
      'after',
      `
It uploads about ten small files and one of 5 MB under names that begin with mft-probe-, makes a folder, and with an
administrator's key a key that ends after five seconds; all of it is deleted at the end. With an API key *and* MDMFT_USERNAME and
MDMFT_PASSWORD it can look at both. Secrets, host names and user names are taken out: the result can be sent to us as it is.
Exit status: 0 nothing differs, 2 something does.`,
    )
    .action((options: ProbeOptions) => runCommand(context, (run) => probe(run, options)));
}

async function probe(run: Run, options: ProbeOptions): Promise<ExitStatus> {
  const json = options.json === true;
  const stored = await createSessionStore(run).read();
  const url = serverUrl(options.url ?? filled(run.env['MDMFT_URL']) ?? stored?.url);
  const login = await loginFromEnvironment(run, options);
  const apiKey = await apiKeyOf(run, options, login, stored?.url === url ? stored.key : undefined);
  const tried = login === undefined ? undefined : await beginSession(run, options, url, login);
  const session = tried !== undefined && 'session' in tried ? tried.session : undefined;
  const refusal = tried !== undefined && 'refusal' in tried ? tried.refusal : undefined;
  const start: LabStart = {
    url,
    key: apiKey ?? session?.key,
    keyKind: apiKey === undefined ? 'session' : 'api-key',
    login,
    loginAnswer: session?.answer,
    loginRefusal: refusal,
    eicar: options.eicar,
    timeoutMs: options.timeout,
  };
  const lab = await createMdLab(run, options, start);
  if (session !== undefined) lab.undo.add('the session', session.end);
  try {
    const server = lab.key === undefined ? 'unknown' : await versionOf(run, lab);
    const about = { probe: 'mdmft', cli: cliVersion, server, node: process.version, key: lab.keyKind };
    if (json) writeJson(run.stdout, about);
    else
      run.stdout.write(
        `mdmft ${cliVersion}, MetaDefender MFT ${server.replace(/[^\w.+ -]/g, '?')}, Node ${process.version}\n\n`,
      );
    // A refused login is a finding by itself; nothing else can be seen then.
    const shown =
      lab.key !== undefined
        ? probes
        : probes.map((one) =>
            one.number === 1 ? one : notTried(one.number, one.question, 'The login was refused.'),
          );
    return await runProbes(run, lab, shown, { json, clean: cleaner(url, login) });
  } finally {
    await lab.undo.runAll();
    await lab.close();
  }
}

async function versionOf(run: Run, lab: MdLab): Promise<string> {
  try {
    return await lab.client().version({ signal: run.signal });
  } catch (error) {
    throw new CommandError(`The server cannot be used: ${sentenceOf(error)}`);
  }
}

async function apiKeyOf(
  run: Run,
  { apiKeyFile }: ProbeOptions,
  login: Login | undefined,
  storedKey: string | undefined,
): Promise<string | undefined> {
  const file = apiKeyFile ?? filled(run.env['MDMFT_API_KEY_FILE']);
  const variable = filled(run.env['MDMFT_API_KEY']);
  if (apiKeyFile === undefined && variable !== undefined) return run.secrets.keep(variable.trim());
  if (file !== undefined) return readSecretFile(run, file);
  if (login !== undefined) return undefined;
  return storedKey ?? run.secrets.keep(await prompt(run, 'API key (not shown)', { secret: true }));
}

/** What would say whose server it is. */
function cleaner(url: string, login: Login | undefined): (text: string) => string {
  const { host, hostname } = new URL(url);
  const names = login !== undefined && 'username' in login ? [login.username] : [];
  return (text) =>
    [
      ...names.map((name) => [name, '[user]'] as const),
      [host, '[host]'] as const,
      [hostname, '[host]'] as const,
    ]
      .filter(([name]) => name.length > 2)
      .reduce((clean, [name, instead]) => clean.replaceAll(name, instead), text);
}
