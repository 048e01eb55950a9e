import type { Command } from 'commander';
import { formatByteSize } from '../config/byte-size';
import { ConfigError } from '../config/config-error';
import { formatDuration } from '../config/duration';
import { loadConfig } from '../config/load';
import type { BridgeConfig, DestinationConfig } from '../config/schema';
import type { CommandContext } from './command-context';
import { CommandError, runCommand } from './command-context';
import { formatTable } from './table';

/** Where the configuration is, unless `--config` says otherwise. */
export const defaultConfigFile = 'bridge.yaml';

/** Adds `mft-bridge config check`. */
export function registerConfig(program: Command, context: CommandContext): void {
  const config = program.command('config').description('look at the configuration');
  config
    .command('check')
    .description('read the configuration and all secrets that it names; say what is wrong, or ok')
    .option('-c, --config <file>', 'the configuration', defaultConfigFile)
    .action(({ config: file }: { config: string }) => runCommand(context, () => check(file, context)));
}

async function check(file: string, { env, stdout }: CommandContext): Promise<void> {
  const config = await loadConfig(file, env).catch((error: unknown) => {
    if (!(error instanceof ConfigError)) throw error;
    const count = error.problems.length;
    throw new CommandError(
      `${error.message}\n${String(count)} ${count === 1 ? 'problem' : 'problems'}: the bridge would not start.`,
    );
  });
  stdout.write([`ok: ${config.file}`, ...summarize(config), ''].join('\n'));
}

function summarize(config: BridgeConfig): string[] {
  const { gateway, scanner, intake, web } = config;
  const { postgres } = config.ledger;
  const rate =
    gateway.requestsPerSecond === false
      ? 'no request limit'
      : `${String(gateway.requestsPerSecond)} requests a second`;
  const rows = [
    ['mode', config.mode],
    ['gateway', `${gateway.baseUrl}, stations ${gateway.stations.join(', ')}, ${rate}`],
    [
      'scanner',
      `${scanner.baseUrl}, ${String(scanner.concurrency)} files at a time${scanner.readBack ? ', read back' : ''}`,
    ],
    [
      'intake',
      `from ${new Date(intake.startFrom).toISOString()}, every ${formatDuration(intake.pollInterval)}`,
    ],
    ['custody', config.custody.directory],
    ['key', `${config.custody.keyFile} (back it up: without it nothing in custody can be read)`],
    ['ledger', postgres === null ? config.ledger.file : `PostgreSQL, schema ${postgres.schema}`],
    ...Object.entries(config.destinations).map(([name, destination]) => [
      'destination',
      describeDestination(name, destination),
    ]),
    ...config.routes.map(({ name, match, destinations }) => [
      'route',
      `${name}: station ${match.station ?? '(any)'}, partner ${match.partner ?? '(any)'} -> ${destinations.join(', ')}`,
    ]),
    ['web', describeListener(web.private)],
  ];
  return formatTable(['', ''], rows, { indent: '  ' }).slice(1);
}

function describeDestination(name: string, destination: DestinationConfig): string {
  const limit = destination.maxBytes === null ? 'any size' : `up to ${formatByteSize(destination.maxBytes)}`;
  if (destination.kind === 'as2')
    return `${name}: AS2 from ${destination.from} to ${destination.to}, ${limit}`;
  return `${name}: folder ${destination.directory}${destination.perPartner ? ', one for each partner' : ''}, ${limit}`;
}

function describeListener({ host, port }: BridgeConfig['web']['private']): string {
  const local = host === 'localhost' || host === '::1' || host.startsWith('127.');
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
  return local
    ? address
    : `${address} (other machines reach it: put TLS in front, or the token is readable on the way)`;
}
