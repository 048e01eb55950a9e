import { readFile } from 'node:fs/promises';
import type { EgressOptions } from '@mft-bridge/http-transport';
import type { Command } from 'commander';
import { errorCode } from '../error-code';
import type { Run } from '../run-command';
import { CommandError } from '../run-command';

/** What every command that calls a server takes. */
export interface ConnectionOptions {
  readonly url?: string | undefined;
  readonly ca?: string | undefined;
  readonly insecureHttp?: true | undefined;
  readonly json?: true | undefined;
}

/** Adds them. */
export function addConnectionOptions(command: Command): Command {
  return command
    .option('--ca <file>', 'certificate authorities in PEM, instead of the usual ones')
    .option('--insecure-http', 'allow http:// to another machine: secrets and files travel in clear')
    .option('--json', 'one JSON object a line');
}

/**
 * The way out. The variable is one of our own, not `https_proxy`: a proxy sees where secrets go, so it is chosen on purpose.
 *
 * @param proxyVariable its name
 */
export async function egressOf(
  { env, secrets }: Run,
  { ca }: ConnectionOptions,
  proxyVariable: string,
): Promise<EgressOptions> {
  const proxy = env[proxyVariable];
  // It may hold a password.
  const password = proxy === undefined ? undefined : /\/\/[^/@]*:([^/@]+)@/.exec(proxy)?.[1];
  if (password !== undefined) secrets.keep(password);
  return {
    ...(proxy === undefined || proxy === '' ? {} : { proxy }),
    ...(ca === undefined ? {} : { ca: await pem(ca) }),
  };
}

async function pem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = errorCode(error) ?? 'unknown reason';
    throw new CommandError(`--ca: ${path} could not be read (${code}).`);
  }
}
