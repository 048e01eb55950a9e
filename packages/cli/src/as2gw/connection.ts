import type { As2GatewayClientOptions } from '@mft-bridge/as2-gateway-client';
import { As2GatewayClient } from '@mft-bridge/as2-gateway-client';
import type { EgressOptions } from '@mft-bridge/http-transport';
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { ConnectionOptions } from '../credentials/connection-options';
import { addConnectionOptions, egressOf } from '../credentials/connection-options';
import { cliVersion } from '../program';
import type { Run } from '../run-command';
import { CommandError } from '../run-command';
import { terminalText } from '../terminal/terminal-text';
import type { GatewayAuth } from './gateway-auth';
import { gatewayAuth } from './gateway-auth';

const DEFAULT_URL = 'https://api.mftgateway.com';

/** What every command of `as2gw` takes. */
export interface As2gwOptions extends ConnectionOptions {
  readonly tokenFile?: string | undefined;
  readonly rate?: number | undefined;
  readonly compat?: 'v1' | 'v2' | undefined;
  readonly downloadHost?: string[] | undefined;
}

/** Adds them. */
export function addAs2gwOptions(command: Command): Command {
  return addConnectionOptions(
    command
      .option('--url <url>', `the service (or AS2GW_URL; default ${DEFAULT_URL})`)
      .option(
        '--token-file <file>',
        "file with an API token: the console's CSV, JSON, or id and secret on two lines (or AS2GW_TOKEN_FILE)",
      )
      .option('--rate <count>', 'requests a second at most; 0 for no limit (default 5)', parseRate)
      .addOption(
        new Option('--compat <generation>', 'names that are sent (default v2)').choices(['v1', 'v2']),
      )
      .option('--download-host <host...>', 'hosts that attachments may come from (default *.amazonaws.com)'),
  );
}

/** How the gateway is reached and as whom. */
export interface GatewayTarget {
  readonly url: string;
  readonly auth: GatewayAuth;
  readonly egress: EgressOptions;
  open(more?: Partial<As2GatewayClientOptions>): As2GatewayClient;
}

/** Finds address and credentials: options first, then the environment, then a prompt. */
export async function gatewayTarget(run: Run, options: As2gwOptions): Promise<GatewayTarget> {
  const url = options.url ?? (run.env['AS2GW_URL'] || DEFAULT_URL);
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new CommandError('The address of the service is no http:// or https:// URL.');
  const auth = await gatewayAuth(run, options.tokenFile);
  const egress = await egressOf(run, options, 'AS2GW_PROXY');
  return {
    url,
    auth,
    egress,
    open: (more) =>
      new As2GatewayClient({
        baseUrl: url,
        auth,
        egress,
        allowInsecureHttp: options.insecureHttp,
        compat: options.compat,
        downloadHosts: options.downloadHost,
        ...(options.rate === undefined ? {} : { limit: limitOf(options.rate) }),
        userAgent: `as2gw/${cliVersion}`,
        now: run.now,
        sleep: run.sleep,
        ...more,
      }),
  };
}

/** Opens a client for one command, and closes it after. What it advises is written to standard error. */
export async function withGateway<Result>(
  run: Run,
  options: As2gwOptions,
  body: (gateway: As2GatewayClient) => Promise<Result>,
): Promise<Result> {
  const gateway = (await gatewayTarget(run, options)).open();
  const say = ({ notice }: { readonly notice: string }): void =>
    void run.stderr.write(`Note: ${terminalText(notice)}\n`);
  gateway.on('deprecation', say);
  gateway.on('hint', say);
  try {
    return await body(gateway);
  } finally {
    await gateway.close();
  }
}

const limitOf = (rate: number) => (rate === 0 ? false : { perSecond: rate, burst: Math.max(1, rate * 2) });

function parseRate(text: string): number {
  const rate = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(rate)) throw new InvalidArgumentError('Expected a number of requests a second, or 0.');
  return rate;
}
