import type { As2GatewayClient, Party } from '@mft-bridge/as2-gateway-client';
import type { Command } from 'commander';
import type { CliContext } from '../context';
import type { ExitStatus } from '../exit-status';
import { exitStatus } from '../exit-status';
import type { Run } from '../run-command';
import { runCommand } from '../run-command';
import { writeTable } from '../terminal/table';
import { writeJson } from '../write-json';
import type { As2gwOptions } from './connection';
import { addAs2gwOptions, withGateway } from './connection';

/** Adds `as2gw partners` and `as2gw stations`. */
export function registerDirectory(program: Command, context: CliContext): void {
  const kinds = [
    ['partners', 'list the partners', (gateway: As2GatewayClient) => gateway.partners],
    ['stations', 'list our own stations', (gateway: As2GatewayClient) => gateway.stations],
  ] as const;
  for (const [name, description, resource] of kinds) {
    addAs2gwOptions(program.command(name).description(description)).action((options: As2gwOptions) =>
      runCommand(context, (run) =>
        withGateway(run, options, async (gateway) => {
          const parties = await resource(gateway).list({ signal: run.signal });
          return writeParties(run, parties, name, options.json === true);
        }),
      ),
    );
  }
}

function writeParties(run: Run, parties: readonly Party[], what: string, json: boolean): ExitStatus {
  if (json) for (const { identifier, name } of parties) writeJson(run.stdout, { identifier, name });
  else
    writeTable(
      run.stdout,
      ['IDENTIFIER', 'NAME'],
      parties.map(({ identifier, name }) => [identifier, name ?? '']),
      `No ${what}.`,
    );
  return exitStatus.done;
}
