import type { AuthOptions, ClientOptions } from '@mft-bridge/metadefender-mft-client';
import { MetaDefenderClient } from '@mft-bridge/metadefender-mft-client';
import { egressOf } from '../credentials/connection-options';
import type { Run } from '../run-command';
import { CommandError } from '../run-command';
import { cliVersion } from '../program';
import { terminalText } from '../terminal/terminal-text';
import { chooseAuth } from './choose-auth';
import type { MdmftOptions } from './mdmft-options';
import { createSessionStore } from './session-store';

/** How a server is reached and as whom; for a command that makes more than one client. */
export interface MdmftTarget {
  readonly url: string;
  readonly auth: AuthOptions;
  open(more?: Partial<ClientOptions>): MetaDefenderClient;
}

/**
 * Finds server and credentials: options first, then the environment, then the session of `mdmft login`, then a prompt.
 *
 * @throws CommandError where there is no server, or nobody to be
 */
export async function mdmftTarget(run: Run, options: MdmftOptions): Promise<MdmftTarget> {
  const stored = await createSessionStore(run).read();
  const url = serverUrl(options.url ?? filled(run.env['MDMFT_URL']) ?? stored?.url);
  const egress = await egressOf(run, options, 'MDMFT_PROXY');
  const open = (auth: AuthOptions, more: Partial<ClientOptions> = {}): MetaDefenderClient =>
    new MetaDefenderClient({
      baseUrl: url,
      auth,
      egress,
      allowInsecureHttp: options.insecureHttp,
      userAgent: `mdmft/${cliVersion}`,
      now: run.now,
      sleep: run.sleep,
      ...more,
    });
  const auth = await chooseAuth(run, options, url, stored, (given) => open(given));
  return { url, auth, open: (more) => open(auth, more) };
}

/** Opens a client for one command, and closes it after. */
export async function withMetaDefender<Result>(
  run: Run,
  options: MdmftOptions,
  body: (client: MetaDefenderClient) => Promise<Result>,
  more?: Partial<ClientOptions>,
): Promise<Result> {
  const client = (await mdmftTarget(run, options)).open(more);
  client.on('deprecation', ({ notice }) => run.stderr.write(`Note: ${terminalText(notice)}\n`));
  try {
    return await body(client);
  } finally {
    await client.close();
  }
}

/** @throws CommandError */
export function serverUrl(given: string | undefined): string {
  if (given === undefined)
    throw new CommandError('No server is named: give --url https://host:8010 or set MDMFT_URL.');
  if (!URL.canParse(given) || !/^https?:/.test(given))
    throw new CommandError('The address of the server is no http:// or https:// URL.');
  return given.replace(/\/+$/, '').replace(/\/vault_rest$/, '');
}

/** A variable that is set to nothing counts as not set. */
export const filled = (value: string | undefined): string | undefined => (value === '' ? undefined : value);
