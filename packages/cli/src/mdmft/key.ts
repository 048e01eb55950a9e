import type { MetaDefenderClient } from '@mft-bridge/metadefender-mft-client';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { CliContext } from '../context';
import { readSecretFile } from '../credentials/read-secret-file';
import type { ExitStatus } from '../exit-status';
import { exitStatus } from '../exit-status';
import { refuseTaken, saveFile } from '../files/save-file';
import { parseCount } from '../options/parse-count';
import { parseDuration } from '../options/parse-duration';
import type { Run } from '../run-command';
import { CommandError, runCommand } from '../run-command';
import { humanInstant } from '../terminal/human';
import { writeTable } from '../terminal/table';
import { terminalText } from '../terminal/terminal-text';
import { writeJson } from '../write-json';
import type { MdmftOptions } from './mdmft-options';
import { withMetaDefender } from './connection';
import { addMdmftOptions } from './mdmft-options';

const DAY_MS = 86_400_000;

interface CreateOptions extends MdmftOptions {
  readonly out: string;
  readonly expiresIn: number;
  readonly description?: string | undefined;
}

interface ExtendOptions extends MdmftOptions {
  readonly by?: number | undefined;
  readonly until?: number | undefined;
}

/** Adds `mdmft key create`, `key list` and `key extend`. */
export function registerKey(program: Command, context: CliContext): void {
  const key = program.command('key').description('long-lived API keys; for administrators');
  addMdmftOptions(
    key
      .command('create')
      .description('make an API key')
      .requiredOption('--out <file>', 'where the key is written, for you alone; it is never shown')
      .option('--expires-in <span>', 'its life', parseDuration, 90 * DAY_MS)
      .option('--description <text>', 'what it is for'),
  ).action((options: CreateOptions) =>
    runCommand(context, (run) => withMetaDefender(run, options, (client) => create(run, client, options))),
  );
  addMdmftOptions(
    key
      .command('list')
      .description('list API keys; the keys themselves are not shown')
      .option('-n, --limit <count>', 'at most so many', parseCount(100_000), 100),
  ).action((options: MdmftOptions & { readonly limit: number }) =>
    runCommand(context, (run) => withMetaDefender(run, options, (client) => list(run, client, options))),
  );
  addMdmftOptions(
    key
      .command('extend')
      .description(
        'move the end of an API key; should the server answer with another key, the file gets that one',
      )
      .argument('<file>', 'file that holds the key')
      .option('--by <span>', 'longer by this, below 24h', parseDuration)
      .option('--until <date>', 'until then, as 2027-01-31', parseDate),
  ).action((file: string, options: ExtendOptions) =>
    runCommand(context, (run) =>
      withMetaDefender(run, options, (client) => extend(run, client, file, options)),
    ),
  );
}

async function create(run: Run, client: MetaDefenderClient, options: CreateOptions): Promise<ExitStatus> {
  // Asked first: a key that could not be written down would be lost, and stay alive at the server.
  await refuseTaken(options.out);
  const { key, expiresAt } = await client.apiKeys.create(
    { expires: run.now() + options.expiresIn, description: options.description },
    { signal: run.signal },
  );
  run.secrets.keep(key);
  await saveFile(options.out, [Buffer.from(`${key}\n`)], { force: false, mode: 0o600 });
  if (options.json === true) writeJson(run.stdout, { file: options.out, expires: expiresAt ?? null });
  else run.stdout.write(`The key is in ${terminalText(options.out)}; it ends ${humanInstant(expiresAt)}.\n`);
  return exitStatus.done;
}

async function list(
  run: Run,
  client: MetaDefenderClient,
  { limit, json }: MdmftOptions & { readonly limit: number },
): Promise<ExitStatus> {
  const keys = await client.apiKeys.iterate({}, { signal: run.signal }).toArray({ limit });
  for (const { key } of keys) if (key !== undefined) run.secrets.keep(key);
  if (json === true) {
    for (const { keyId, description, status, role, createdAt, expiresAt } of keys)
      writeJson(run.stdout, { keyId, description, status, role, createdAt, expiresAt });
    return exitStatus.done;
  }
  writeTable(
    run.stdout,
    ['ID', 'STATUS', 'ROLE', 'CREATED', 'EXPIRES', 'DESCRIPTION'],
    keys.map(({ keyId, status, role, createdAt, expiresAt, description }) => [
      keyId,
      status ?? '-',
      role ?? '-',
      humanInstant(createdAt),
      humanInstant(expiresAt),
      description ?? '',
    ]),
    'No API keys.',
  );
  return exitStatus.done;
}

async function extend(
  run: Run,
  client: MetaDefenderClient,
  file: string,
  { by, until, json }: ExtendOptions,
): Promise<ExitStatus> {
  if (by !== undefined && by >= DAY_MS)
    throw new CommandError('The server extends by less than 24h at a time; --until takes any date.');
  if (by !== undefined && until !== undefined) throw new CommandError('Give --by or --until, not both.');
  const old = await readSecretFile(run, file);
  const { key, expiresAt } = await client.apiKeys.extend(
    { key: old, byMs: by, until },
    { signal: run.signal },
  );
  run.secrets.keep(key);
  const changed = key !== old;
  if (changed) await saveFile(file, [Buffer.from(`${key}\n`)], { force: true, mode: 0o600 });
  if (json === true) writeJson(run.stdout, { file, changed, expires: expiresAt ?? null });
  else
    run.stdout.write(
      `The key in ${terminalText(file)} ends ${humanInstant(expiresAt)} now.${changed ? ' The server answered with another key, which the file holds now.' : ''}\n`,
    );
  return exitStatus.done;
}

function parseDate(text: string): number {
  const at = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new InvalidArgumentError('Expected a date such as 2027-01-31 or 2027-01-31T12:00:00Z.');
  return at;
}
