import { readSecretFile } from '../credentials/read-secret-file';
import type { Run } from '../run-command';
import { CommandError } from '../run-command';
import { prompt } from '../terminal/prompt';
import { parseTokenFile } from './parse-token-file';

/** An API token of the console, or the user name and password of older accounts. */
export type GatewayAuth =
  | { readonly tokenId: string; readonly tokenSecret: string }
  | { readonly username: string; readonly password: string };

/**
 * Who calls. The first of: `--token-file`, `AS2GW_TOKEN_ID` with `AS2GW_TOKEN_SECRET`, `AS2GW_TOKEN_FILE`, `AS2GW_USERNAME` with
 * `AS2GW_PASSWORD`, a prompt. No secret is ever taken from the command line, which other users can see.
 */
export async function gatewayAuth(run: Run, tokenFile: string | undefined): Promise<GatewayAuth> {
  const { env, secrets } = run;
  const ask = (question: string): Promise<string> => prompt(run, `${question} (not shown)`, { secret: true });
  if (tokenFile !== undefined) return fromFile(run, tokenFile);
  const tokenId = env['AS2GW_TOKEN_ID'];
  if (tokenId)
    return { tokenId, tokenSecret: secrets.keep(env['AS2GW_TOKEN_SECRET'] || (await ask('Token secret'))) };
  if (env['AS2GW_TOKEN_FILE']) return fromFile(run, env['AS2GW_TOKEN_FILE']);
  const username = env['AS2GW_USERNAME'];
  if (username) return { username, password: secrets.keep(env['AS2GW_PASSWORD'] || (await ask('Password'))) };
  if (run.stdin.isTTY !== true)
    throw new CommandError(
      'No credentials: set AS2GW_TOKEN_ID and AS2GW_TOKEN_SECRET, give --token-file, or set AS2GW_USERNAME and AS2GW_PASSWORD.',
    );
  const asked = await prompt(run, 'Token ID', { secret: false });
  return { tokenId: asked, tokenSecret: secrets.keep(await ask('Token secret')) };
}

async function fromFile(run: Run, path: string): Promise<GatewayAuth> {
  const token = parseTokenFile(await readSecretFile(run, path));
  if (token === undefined)
    throw new CommandError(
      `${path} holds no API token: expected the CSV of the console, JSON with tokenId and tokenSecret, or the two on two lines.`,
    );
  run.secrets.keep(token.tokenSecret);
  return token;
}
