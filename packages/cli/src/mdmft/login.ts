import { isApiError, MetaDefenderClient } from '@mft-bridge/metadefender-mft-client';
import type { Command } from 'commander';
import type { CliContext } from '../context';
import { egressOf } from '../credentials/connection-options';
import { exitStatus } from '../exit-status';
import { cliVersion } from '../program';
import type { Run } from '../run-command';
import { CommandError, runCommand } from '../run-command';
import { humanInstant } from '../terminal/human';
import { prompt } from '../terminal/prompt';
import { terminalText } from '../terminal/terminal-text';
import { writeJson } from '../write-json';
import type { Login } from './choose-auth';
import { loginFromEnvironment, separatorOf } from './choose-auth';
import type { MdmftOptions } from './mdmft-options';
import { filled, serverUrl } from './connection';
import { addMdmftOptions } from './mdmft-options';
import { credentialsOf } from './credentials-of';
import type { RawKey } from './raw-session';
import { keyIn, rawSession } from './raw-session';
import { createSessionStore } from './session-store';

/** Adds `mdmft login` and `mdmft logout`. */
export function registerLogin(program: Command, context: CliContext): void {
  addMdmftOptions(
    program
      .command('login')
      .description('begin a session and remember it for the commands after this one')
      .addHelpText(
        'after',
        `
User name and password come from MDMFT_USERNAME and MDMFT_PASSWORD, a guest's pin from MDMFT_GUEST_PIN; what is not set is
asked for. Only the session's key is kept, in a file for you alone, and "mdmft logout" ends it at the server. One try: refused
logins are counted by the server. With an API key no login is needed.`,
      ),
  ).action((options: MdmftOptions) => runCommand(context, (run) => login(run, options)));
  addMdmftOptions(
    program.command('logout').description('end the session at the server and forget it'),
  ).action((options: MdmftOptions) => runCommand(context, (run) => logout(run, options)));
}

async function login(run: Run, options: MdmftOptions) {
  const store = createSessionStore(run);
  const url = serverUrl(options.url ?? filled(run.env['MDMFT_URL']) ?? (await store.read())?.url);
  const who = (await loginFromEnvironment(run, options)) ?? (await ask(run, options));
  const client = await openFor(run, options, url);
  let key: RawKey;
  try {
    key = keyIn(
      await client.request(rawSession.login, { credentials: credentialsOf(who) }, { signal: run.signal }),
    );
  } catch (error) {
    throw isApiError(error) && error.status < 500 ? refused(error.status) : error;
  } finally {
    await client.close();
  }
  run.secrets.keep(key.key);
  await store.write({ url, ...key });
  if (options.json) writeJson(run.stdout, { url, expires: key.expires ?? null });
  else
    run.stdout.write(
      `Logged in at ${terminalText(url)}${key.expires === undefined ? '' : ` until ${humanInstant(key.expires)}`}. The session is kept in ${terminalText(store.path)}.\n`,
    );
  return exitStatus.done;
}

async function logout(run: Run, options: MdmftOptions) {
  const store = createSessionStore(run);
  const session = await store.read();
  if (session === undefined) {
    if (options.json) writeJson(run.stdout, { ended: false });
    else run.stdout.write('There is no session.\n');
    return exitStatus.done;
  }
  const client = await openFor(run, options, session.url);
  try {
    await client.request(rawSession.end, { key: session.key }, { signal: run.signal });
  } catch (error) {
    // The key is no longer good: that is what was asked for.
    if (!isApiError(error) || (error.status !== 401 && error.status !== 403)) throw error;
  } finally {
    await client.close();
  }
  await store.remove();
  if (options.json) writeJson(run.stdout, { ended: true, url: session.url });
  else run.stdout.write(`Logged out at ${terminalText(session.url)}.\n`);
  return exitStatus.done;
}

async function ask(run: Run, options: MdmftOptions): Promise<Login> {
  const username = await prompt(run, 'User name', { secret: false });
  const password = await prompt(run, 'Password (not shown)', { secret: true });
  return { username, password: run.secrets.keep(password), separator: separatorOf(run, options) };
}

/** Its own session is never asked for: the calls made through it carry their own key. */
async function openFor(run: Run, options: MdmftOptions, url: string): Promise<MetaDefenderClient> {
  return new MetaDefenderClient({
    baseUrl: url,
    auth: { provider: () => Promise.reject(new CommandError('No session has begun.')) },
    egress: await egressOf(run, options, 'MDMFT_PROXY'),
    allowInsecureHttp: options.insecureHttp,
    userAgent: `mdmft/${cliVersion}`,
    now: run.now,
    sleep: run.sleep,
  });
}

function refused(status: number): CommandError {
  const why =
    status === 417
      ? 'The server cannot reach its directory (AD or LDAP). Try again later, or use a local account or an API key.'
      : 'Check user name and password, and do not try often: failed logins are counted. Should your server want a colon between them, give --login-separator colon. With a second factor or single sign-on use an API key.';
  return new CommandError(`The login was refused (HTTP ${String(status)}). ${why}`);
}
