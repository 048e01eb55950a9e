import type { FileSummary, MetaDefenderClient } from '@mft-bridge/metadefender-mft-client';
import { serverDate } from '@mft-bridge/metadefender-mft-client';
import type { Command } from 'commander';
import type { CliContext } from '../context';
import type { ExitStatus } from '../exit-status';
import { exitStatus } from '../exit-status';
import { parseCount } from '../options/parse-count';
import type { Run } from '../run-command';
import { runCommand } from '../run-command';
import { humanBytes, humanInstant } from '../terminal/human';
import { writeTable } from '../terminal/table';
import { writeJson } from '../write-json';
import type { MdmftOptions } from './mdmft-options';
import { withMetaDefender } from './connection';
import { addMdmftOptions } from './mdmft-options';

interface ListOptions extends MdmftOptions {
  readonly all?: true | undefined;
  readonly find?: string | undefined;
  readonly state?: string[] | undefined;
  readonly limit: number;
}

/** One file or folder as it is listed. */
interface Entry {
  readonly fileId: string;
  readonly name: string | undefined;
  readonly size: number | undefined;
  readonly state: string | undefined;
  readonly createdAt: number | undefined;
  readonly path: string | undefined;
}

/** Adds `mdmft ls`. */
export function registerList(program: Command, context: CliContext): void {
  addMdmftOptions(
    program
      .command('ls')
      .description('list files')
      .option('--all', 'all files that you may see, not only your own')
      .option('--find <text>', 'only what the server finds for this text')
      .option('--state <state...>', 'only files in these states, as Available or Blocked')
      .option('-n, --limit <count>', 'at most so many', parseCount(100_000), 100),
  )
    .addHelpText('after', '\nA list is no evidence: "mdmft status <id>" says what is proved about a file.')
    .action((options: ListOptions) =>
      runCommand(context, (run) => withMetaDefender(run, options, (client) => list(run, client, options))),
    );
}

async function list(run: Run, client: MetaDefenderClient, options: ListOptions): Promise<ExitStatus> {
  const { all, find, state, limit } = options;
  const files = client.files.iterate(
    {
      type: all === true ? 'all' : 'my',
      ...(find === undefined ? {} : { find }),
      ...(state === undefined ? {} : { availabilityStates: state }),
    },
    { signal: run.signal },
  );
  // One more than asked for tells whether there are more.
  const entries = (await files.toArray({ limit: limit + 1 })).map(entryOf);
  const shown = entries.slice(0, limit);
  if (options.json === true) for (const entry of shown) writeJson(run.stdout, entry);
  else
    writeTable(
      run.stdout,
      ['ID', 'STATE', 'SIZE', 'CREATED', 'NAME'],
      shown.map((entry) => [
        entry.fileId,
        entry.state ?? '-',
        entry.size === undefined ? '-' : humanBytes(entry.size),
        humanInstant(entry.createdAt),
        [entry.path, entry.name].filter((part) => part !== undefined && part !== '').join('\\') || '-',
      ]),
      'No files.',
    );
  if (entries.length > limit) run.stderr.write('There are more; --limit shows more of them.\n');
  return exitStatus.done;
}

const entryOf = ({ fileId, name, size, availabilityState, createdAt, path }: FileSummary): Entry => ({
  fileId,
  name,
  size,
  state: availabilityState,
  createdAt: serverDate(createdAt),
  path,
});
