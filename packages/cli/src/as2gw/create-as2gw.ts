import type { Command } from 'commander';
import type { CliContext } from '../context';
import { cliVersion, createProgram } from '../program';
import { registerCerts } from './certs';
import { registerDirectory } from './directory';
import { registerInbox } from './inbox';
import { registerOutbox } from './outbox';
import { registerProbe } from './probe/register-probe';
import { registerSend } from './send';
import { registerWatch } from './watch';

/** The command `as2gw` with all its subcommands. */
export function createAs2gw(context: CliContext): Command {
  const program = createProgram('as2gw', 'Sends and receives AS2 messages through MFT Gateway.', context)
    .version(cliVersion, '--version', 'show the version of this command')
    .addHelpText(
      'after',
      `
Exit status: 0 done, 2 a definite no (failed, refused by the partner, a certificate near its end), 3 not known yet, 1 anything else.

Credentials, the first of: --token-file, AS2GW_TOKEN_ID with AS2GW_TOKEN_SECRET, AS2GW_TOKEN_FILE, AS2GW_USERNAME with
AS2GW_PASSWORD, a prompt. Secrets are never taken from the command line, where others could read them. Proxy: AS2GW_PROXY (no other
variable is looked at). Nothing is marked read unless you say so.`,
    );
  registerInbox(program, context);
  registerSend(program, context);
  registerOutbox(program, context);
  registerWatch(program, context);
  registerDirectory(program, context);
  registerCerts(program, context);
  registerProbe(program, context);
  return program;
}
