import { Command, InvalidArgumentError, Option } from 'commander';
import { rename, rm, writeFile } from 'node:fs/promises';
import manifest from '../package.json';
import type { RunOptions } from './control/run-sandbox';
import { runSandbox } from './control/run-sandbox';

function wholeNumber(most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value <= most))
      throw new InvalidArgumentError(`Expected a whole number from 0 to ${String(most)}.`);
    return value;
  };
}

const port = wholeNumber(65_535);

async function run(options: RunOptions & { readonly stateFile?: string }): Promise<void> {
  const sandbox = await runSandbox(options);
  // The first signal ends in order; should that take too long, the second one ends at once.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.close());
  const line = `${JSON.stringify(sandbox.ready)}\n`;
  const { stateFile } = options;
  if (stateFile !== undefined) {
    // Renamed into place, so that nobody who waits for the file reads half of it.
    await writeFile(`${stateFile}.new`, line, { mode: 0o600 });
    await rename(`${stateFile}.new`, stateFile);
  }
  process.stdout.write(line);
  await sandbox.stopped;
  await sandbox.close();
  if (stateFile !== undefined) await rm(stateFile, { force: true });
}

const command = new Command('mft-bridge-sandbox')
  .description('MFT Gateway and MetaDefender Managed File Transfer as local servers on loopback, for tests')
  .version(manifest.version)
  .option('--gateway-port <port>', 'REST API of the gateway (default: any free port)', port)
  .option('--files-port <port>', 'pre-signed URLs of the gateway (default: any free port)', port)
  .option('--scanner-port <port>', 'REST API of the scanner (default: any free port)', port)
  .option('--control-port <port>', 'control listener (default: any free port)', port)
  .option(
    '--scan-time-ms <ms>',
    'how long the scanner takes for a file (default: 0)',
    wholeNumber(86_400_000),
  )
  .option('--seed <text>', 'what faults leave to chance is drawn from it (default: random, printed)')
  .addOption(
    new Option('--names <generation>', 'names that the gateway speaks (default: v2)').choices([
      'v1',
      'v2',
      'both',
    ]),
  )
  .option('--webhook-url <url>', "where the gateway's webhooks go, on this machine (default: nowhere)")
  .option('--state-file <file>', 'also write addresses and credentials to this file; removed at the end')
  .action(run);

command.parseAsync().catch((error: unknown) => {
  process.stderr.write(`mft-bridge-sandbox: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
