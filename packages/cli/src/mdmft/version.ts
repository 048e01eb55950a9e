import type { Command } from 'commander';
import type { CliContext } from '../context';
import { exitStatus } from '../exit-status';
import { cliVersion } from '../program';
import { runCommand } from '../run-command';
import { terminalText } from '../terminal/terminal-text';
import { writeJson } from '../write-json';
import type { MdmftOptions } from './mdmft-options';
import { withMetaDefender } from './connection';
import { addMdmftOptions } from './mdmft-options';

/** Adds `mdmft version`. */
export function registerVersion(program: Command, context: CliContext): void {
  addMdmftOptions(
    program
      .command('version')
      .description(
        "show the server's version: the cheapest way to see whether server and credentials are good",
      ),
  ).action((options: MdmftOptions) =>
    runCommand(context, (run) =>
      withMetaDefender(run, options, async (client) => {
        const server = await client.version({ signal: run.signal });
        if (options.json === true) writeJson(run.stdout, { server, mdmft: cliVersion });
        else run.stdout.write(`MetaDefender MFT ${terminalText(server)} (mdmft ${cliVersion})\n`);
        return exitStatus.done;
      }),
    ),
  );
}
