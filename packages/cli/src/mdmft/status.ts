import { evaluateVerdict, isNotFoundError } from '@mft-bridge/metadefender-mft-client';
import type { FileStatus, MetaDefenderClient } from '@mft-bridge/metadefender-mft-client';
import type { Command } from 'commander';
import type { CliContext } from '../context';
import { gravest } from '../exit-status';
import { inParallel } from '../in-parallel';
import { parseDuration } from '../options/parse-duration';
import type { Run } from '../run-command';
import { runCommand, sentenceOf } from '../run-command';
import { createProgressView } from '../terminal/progress-view';
import type { MdmftOptions } from './mdmft-options';
import { withMetaDefender } from './connection';
import { addMdmftOptions } from './mdmft-options';
import type { FileReport } from './verdict-report';
import { reportOf, statusOf } from './verdict-report';
import { writeReport } from './write-report';

const PARALLEL = 8;
const EXIT = `
Exit status: 0 all cleared, 2 one is blocked, 1 one could not be asked for, 3 one is held or not decided.`;

/** Adds `mdmft status` and `mdmft wait`. */
export function registerStatus(program: Command, context: CliContext): void {
  addMdmftOptions(
    program
      .command('status')
      .description('show what the scanner says about files now')
      .argument('<ids...>', 'ids of files')
      .addHelpText('after', EXIT),
  ).action((ids: string[], options: MdmftOptions) =>
    runCommand(context, (run) => lookAll(run, ids, options, (client, id) => look(client, id, run))),
  );
  addMdmftOptions(
    program
      .command('wait')
      .description('wait until files are decided')
      .argument('<ids...>', 'ids of files')
      .option('--timeout <span>', 'longest wait', parseDuration, 15 * 60_000)
      .addHelpText('after', EXIT),
  ).action((ids: string[], options: MdmftOptions & { readonly timeout: number }) =>
    runCommand(context, (run) =>
      lookAll(run, ids, options, async (client, id) =>
        reportOf(await client.files.waitForVerdict(id, { timeoutMs: options.timeout, signal: run.signal })),
      ),
    ),
  );
}

async function lookAll(
  run: Run,
  ids: readonly string[],
  options: MdmftOptions,
  lookAtOne: (client: MetaDefenderClient, id: string) => Promise<FileReport>,
) {
  const json = options.json === true;
  const view = createProgressView(run, json);
  try {
    return await withMetaDefender(run, options, async (client) => {
      const statuses = await inParallel(ids, PARALLEL, async (id) => {
        const row = view.row(id);
        row.waiting('asking');
        const report = await lookAtOne(client, id).catch((error: unknown): FileReport => {
          if (run.signal.aborted) throw error;
          return { fileId: id, verdict: 'failed', error: run.secrets.removeFrom(sentenceOf(error)) };
        });
        row.end();
        writeReport(run, report, { json, view });
        return statusOf(report);
      });
      return gravest(statuses);
    });
  } finally {
    view.close();
  }
}

async function look(client: MetaDefenderClient, id: string, { signal }: Run): Promise<FileReport> {
  let status: FileStatus;
  try {
    status = await client.files.status(id, { signal });
  } catch (error) {
    if (!isNotFoundError(error)) throw error;
    // It never existed, or was blocked and then deleted: nobody can tell, so it is not clean.
    const text =
      'The server has no such file: it was deleted, expired, was blocked and then deleted, or never existed.';
    return { fileId: id, verdict: 'held', reasons: [{ code: 'gone-after-upload', text }] };
  }
  return reportOf(evaluateVerdict(status), status.name === undefined ? {} : { file: status.name });
}
