import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { loadConfig } from '../config/load';
import type { BridgeConfig } from '../config/schema';
import { collectSecrets } from '../config/secret';
import { createLogger } from '../telemetry/log';
import type { CommandContext } from './command-context';
import { runCommand } from './command-context';
import { defaultConfigFile } from './config';

/** How long running steps may take to end after the first signal. */
const graceMs = 10_000;

/**
 * A bridge that was cut off from its server holds connections that nobody closes from the other side: it lived on for as
 * long as they did, doing nothing, where a service manager waits for its end to start it anew.
 */
const longestEndMs = 5_000;

export interface StartedBridge {
  readonly url: string;
  /** The bridge cannot go on, and why. */
  readonly lost: Promise<Error>;
  stop(graceMs: number): Promise<void>;
}

export type OpenBridge = (
  config: BridgeConfig,
  log: ReturnType<typeof createLogger>,
) => Promise<StartedBridge>;

/** Adds `mft-bridge start`. The first signal finishes or releases what runs, the second ends at once. */
export function registerStart(program: Command, context: CommandContext, openBridge: OpenBridge): void {
  program
    .command('start')
    .description('run the bridge')
    .option('-c, --config <file>', 'the configuration', defaultConfigFile)
    .action(async ({ config: file }: { config: string }) => {
      await runCommand(context, async () => {
        const config = await loadConfig(file, context.env);
        const log = createLogger({ level: config.log.level, secrets: collectSecrets(config) });
        const signal = firstSignal();
        const bridge = await openBridge(config, log);
        const reason = await Promise.race([signal, bridge.lost]);
        if (typeof reason === 'string') {
          log.warn(`${reason}: finishing what runs; once more ends at once`);
          const isOver = await ends(bridge.stop(graceMs), 3 * graceMs);
          if (!isOver)
            log.error('something did not end in time; what it was about is found again at the next start');
          return;
        }
        log.fatal({ err: reason }, 'the bridge cannot go on and ends');
        context.setExitCode(1);
        // Nothing can be finished without a ledger; what runs is aborted, and found again at the next start.
        await ends(bridge.stop(0), graceMs);
      });
      context.endWithin(longestEndMs);
    });
}

/** Whether it ended within so many ms. */
function ends(stop: Promise<void>, ms: number): Promise<boolean> {
  return Promise.race([stop.then(() => true), sleep(ms, false, { ref: false })]);
}

/** Listens before anything is opened, so that no signal finds a bridge that is running and nobody who stops it in order. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let stopping = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      // 128 + 2: ended by the user; nothing in custody is lost by it.
      if (stopping) process.exit(130);
      stopping = true;
      resolve(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  });
}
