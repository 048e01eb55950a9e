import type { Command } from 'commander';
import { Option } from 'commander';
import type { ConnectionOptions } from '../credentials/connection-options';
import { addConnectionOptions } from '../credentials/connection-options';

/** What every command of `mdmft` takes. */
export interface MdmftOptions extends ConnectionOptions {
  readonly apiKeyFile?: string | undefined;
  readonly loginSeparator?: 'crlf' | 'colon' | undefined;
}

/** Adds them. */
export function addMdmftOptions(command: Command): Command {
  return addConnectionOptions(
    command
      .option('--url <url>', 'the server, as https://mft.example.com:8010 (or MDMFT_URL)')
      .option('--api-key-file <file>', 'file with the API key (or MDMFT_API_KEY, MDMFT_API_KEY_FILE)')
      .addOption(
        new Option(
          '--login-separator <how>',
          'what stands between user name and password (or MDMFT_LOGIN_SEPARATOR; default crlf)',
        ).choices(['crlf', 'colon']),
      ),
  );
}
