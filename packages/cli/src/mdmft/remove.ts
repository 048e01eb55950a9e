import type { MetaDefenderClient } from '@mft-bridge/metadefender-mft-client';
import type { Command } from 'commander';
import type { CliContext } from '../context';
import type { ExitStatus } from '../exit-status';
import { exitStatus, gravest } from '../exit-status';
import { inParallel } from '../in-parallel';
import type { Run } from '../run-command';
import { runCommand, sentenceOf } from '../run-command';
import { terminalText } from '../terminal/terminal-text';
import { writeJson } from '../write-json';
import type { MdmftOptions } from './mdmft-options';
import { withMetaDefender } from './connection';
import { addMdmftOptions } from './mdmft-options';

const PARALLEL = 4;

/** Adds `mdmft rm`. */
export function registerRemove(program: Command, context: CliContext): void {
  addMdmftOptions(
    program.command('rm').description('delete files from the server').argument('<ids...>', 'ids of files'),
  ).action((ids: string[], options: MdmftOptions) =>
    runCommand(context, (run) =>
      withMetaDefender(run, options, async (client) =>
        gravest(await inParallel(ids, PARALLEL, (id) => removeOne(run, client, id, options.json === true))),
      ),
    ),
  );
}

// One call for each: the answer to a call about many comes in four shapes, and some of them do not say which file failed.
async function removeOne(
  run: Run,
  client: MetaDefenderClient,
  fileId: string,
  json: boolean,
): Promise<ExitStatus> {
  try {
    await client.files.delete(fileId, { signal: run.signal });
  } catch (error) {
    if (run.signal.aborted) throw error;
    const sentence = run.secrets.removeFrom(sentenceOf(error));
    if (json) writeJson(run.stdout, { fileId, deleted: false, error: sentence });
    else run.stderr.write(`${terminalText(fileId)}: ${terminalText(sentence)}\n`);
    return exitStatus.failed;
  }
  if (json) writeJson(run.stdout, { fileId, deleted: true });
  else run.stdout.write(`deleted  ${terminalText(fileId)}\n`);
  return exitStatus.done;
}
