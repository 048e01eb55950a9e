import type { Command } from 'commander';
import type { CliContext } from '../context';
import { cliVersion, createProgram } from '../program';
import { registerDownload } from './download';
import { registerKey } from './key';
import { registerList } from './list';
import { registerLogin } from './login';
import { registerProbe } from './probe/register-probe';
import { registerRemove } from './remove';
import { registerStatus } from './status';
import { registerUpload } from './upload';
import { registerVersion } from './version';

/** The command `mdmft` with all its subcommands. */
export function createMdmft(context: CliContext): Command {
  const program = createProgram(
    'mdmft',
    'Scans files with OPSWAT MetaDefender Managed File Transfer.',
    context,
  )
    .version(cliVersion, '--version', 'show the version of this command')
    .addHelpText(
      'after',
      `
Exit status: 0 cleared or done, 2 blocked, 3 held or not decided in time, 1 anything else. What is not positively cleared is
never 0: unknown, missing and contradictory are held.

Server: --url, MDMFT_URL, or that of "mdmft login". Credentials, the first of: --api-key-file, MDMFT_API_KEY,
MDMFT_API_KEY_FILE, MDMFT_USERNAME with MDMFT_PASSWORD, MDMFT_GUEST_PIN, the session of "mdmft login", a prompt. Secrets are never
taken from the command line, where others could read them. Proxy: MDMFT_PROXY (no other variable is looked at).`,
    );
  registerLogin(program, context);
  registerUpload(program, context);
  registerStatus(program, context);
  registerDownload(program, context);
  registerList(program, context);
  registerRemove(program, context);
  registerKey(program, context);
  registerVersion(program, context);
  registerProbe(program, context);
  return program;
}
