import type { Command } from 'commander';
import { loadConfig } from '../config/load';
import { rotateKeyRing } from '../custody/key-ring';
import type { CommandContext } from './command-context';
import { runCommand } from './command-context';
import { defaultConfigFile } from './config';

/** Adds `mft-bridge key rotate`. */
export function registerKey(program: Command, context: CommandContext): void {
  program
    .command('key')
    .description('the keys of custody')
    .command('rotate')
    .description('add a key, which seals what is taken from the next start on')
    .option('-c, --config <file>', 'the configuration that names the key file', defaultConfigFile)
    .action(({ config }: { config: string }) =>
      runCommand(context, async () => {
        const { custody } = await loadConfig(config, context.env, { secrets: 'leave' });
        const id = await rotateKeyRing({ path: custody.keyFile, now: context.now });
        context.stdout.write(
          `Key ${id} was added to ${custody.keyFile}. Back the file up now, then restart the bridge: from then on it seals with the new key. What older keys sealed stays as it is, and they stay in the file to open it.\n`,
        );
      }),
    );
}
