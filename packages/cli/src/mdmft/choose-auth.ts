import type { AuthOptions, MetaDefenderClient } from '@mft-bridge/metadefender-mft-client';
import { isApiError } from '@mft-bridge/metadefender-mft-client';
import { readSecretFile } from '../credentials/read-secret-file';
import type { Run } from '../run-command';
import { CommandError } from '../run-command';
import { prompt } from '../terminal/prompt';
import type { MdmftOptions } from './mdmft-options';
import { keyIn, rawSession } from './raw-session';
import type { StoredSession } from './session-store';
import { createSessionStore } from './session-store';

/** A stored session is extended when less than this is left: a long upload must not outlive it. */
const EXTEND_BELOW_MS = 10 * 60_000;

/** User name and password, or a guest's pin, out of the environment or a prompt. */
export type Login =
  | { readonly username: string; readonly password: string; readonly separator: 'crlf' | 'colon' }
  | { readonly guestPin: string };

/**
 * Who calls. The first of: `--api-key-file`, `MDMFT_API_KEY`, `MDMFT_API_KEY_FILE`, user name and password, guest pin, the session of
 * `mdmft login` at this server, a prompt for an API key. No secret is ever taken from the command line, which other users can see.
 */
export async function chooseAuth(
  run: Run,
  options: MdmftOptions,
  url: string,
  stored: StoredSession | undefined,
  open: (auth: AuthOptions) => MetaDefenderClient,
): Promise<AuthOptions> {
  const { env, secrets } = run;
  if (options.apiKeyFile !== undefined) return { apiKey: await readSecretFile(run, options.apiKeyFile) };
  if (env['MDMFT_API_KEY']) return { apiKey: secrets.keep(env['MDMFT_API_KEY'].trim()) };
  if (env['MDMFT_API_KEY_FILE']) return { apiKey: await readSecretFile(run, env['MDMFT_API_KEY_FILE']) };
  const login = await loginFromEnvironment(run, options);
  if (login !== undefined) return login;
  if (stored?.url === url) {
    // Now as well: what a provider throws within a call is not shown, and "log in again" must be.
    await livingKey(run, url, open);
    return { provider: () => livingKey(run, url, open) };
  }
  if (run.stdin.isTTY !== true)
    throw new CommandError(
      'No credentials: set MDMFT_API_KEY, give --api-key-file, set MDMFT_USERNAME and MDMFT_PASSWORD, or run "mdmft login" on a terminal.',
    );
  return { apiKey: secrets.keep(await prompt(run, 'API key (not shown)', { secret: true })) };
}

/** `MDMFT_USERNAME` with `MDMFT_PASSWORD` (asked for where it is not set), or `MDMFT_GUEST_PIN`. */
export async function loginFromEnvironment(run: Run, options: MdmftOptions): Promise<Login | undefined> {
  const { env, secrets } = run;
  const username = env['MDMFT_USERNAME'];
  if (username) {
    const password = env['MDMFT_PASSWORD'] || (await prompt(run, 'Password (not shown)', { secret: true }));
    return { username, password: secrets.keep(password), separator: separatorOf(run, options) };
  }
  const pin = env['MDMFT_GUEST_PIN'];
  return pin ? { guestPin: secrets.keep(pin) } : undefined;
}

/** What stands between user name and password. Never one after the other: failed logins are counted. */
export function separatorOf({ env }: Run, { loginSeparator }: MdmftOptions): 'crlf' | 'colon' {
  const chosen = loginSeparator ?? env['MDMFT_LOGIN_SEPARATOR'] ?? '';
  if (chosen === '' || chosen === 'crlf') return 'crlf';
  if (chosen === 'colon') return 'colon';
  throw new CommandError('MDMFT_LOGIN_SEPARATOR must be "crlf" or "colon".');
}

/** The stored key; extended, and what came back stored, where its end is near. */
async function livingKey(
  run: Run,
  url: string,
  open: (auth: AuthOptions) => MetaDefenderClient,
): Promise<{ key: string; expires?: number | undefined }> {
  const store = createSessionStore(run);
  const session = await store.read();
  if (session?.url !== url) throw ended();
  if (session.expires === undefined || session.expires - run.now() > EXTEND_BELOW_MS) return session;
  const client = open({ userKey: session.key, expires: session.expires });
  try {
    const extended = keyIn(
      await client.request(rawSession.extend, { key: session.key }, { signal: run.signal }),
    );
    run.secrets.keep(extended.key);
    await store.write({ url, ...extended });
    return extended;
  } catch (error) {
    if (!isApiError(error) || (error.status !== 401 && error.status !== 403)) throw error;
    await store.remove();
    throw ended();
  } finally {
    await client.close();
  }
}

const ended = (): CommandError =>
  new CommandError('The session of "mdmft login" has ended. Run "mdmft login" again.');
