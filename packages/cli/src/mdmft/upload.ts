import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { FileNameEncoding, MetaDefenderClient, Verdict } from '@mft-bridge/metadefender-mft-client';
import { asciiFileName } from '@mft-bridge/metadefender-mft-client';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { CliContext } from '../context';
import type { ExitStatus } from '../exit-status';
import { gravest } from '../exit-status';
import { inParallel } from '../in-parallel';
import { parseCount } from '../options/parse-count';
import { parseDuration } from '../options/parse-duration';
import type { Run } from '../run-command';
import { CommandError, runCommand, sentenceOf } from '../run-command';
import type { ProgressRow } from '../terminal/progress-view';
import { createProgressView } from '../terminal/progress-view';
import type { MdmftOptions } from './mdmft-options';
import { withMetaDefender } from './connection';
import { addMdmftOptions } from './mdmft-options';
import type { FileReport } from './verdict-report';
import { reportOf, statusOf } from './verdict-report';
import { writeReport } from './write-report';

interface UploadOptions extends MdmftOptions {
  readonly wait?: boolean | undefined;
  readonly folder?: string | undefined;
  readonly timeout: number;
  readonly expiresAfter?: number | undefined;
  readonly parallel: number;
  readonly names: 'refuse' | 'transliterate' | 'percent' | 'utf8-latin1';
  readonly md5: boolean;
  readonly delete?: true | undefined;
}

/** After Ctrl-C people wait for it. */
const DELETE_MS = 15_000;

/** Adds `mdmft scan` and `mdmft upload`. */
export function registerUpload(program: Command, context: CliContext): void {
  const scan = program
    .command('scan')
    .description('upload files, wait for their verdicts, and end with a status to gate on')
    .argument('<files...>', 'files to scan')
    .option('--delete', 'delete each file from the server once its verdict is known, or on Ctrl-C');
  addUploadOptions(scan)
    .addHelpText(
      'after',
      `
Exit status: 0 all cleared, 2 one is blocked, 1 one could not be scanned, 3 one is held or was not decided in time.

  mdmft scan build/*.zip && publish build/*.zip
  mdmft scan --json invoice.pdf | jq -r .verdict`,
    )
    .action((files: string[], options: UploadOptions) =>
      runCommand(context, (run) => uploadAll(run, files, { ...options, wait: true })),
    );

  const upload = program
    .command('upload')
    .description('upload files')
    .argument('<files...>', 'files to upload')
    .option('--wait', 'wait for the verdicts, as "mdmft scan" does');
  addUploadOptions(upload).action((files: string[], options: UploadOptions) =>
    runCommand(context, (run) => uploadAll(run, files, options)),
  );
}

function addUploadOptions(command: Command): Command {
  return addMdmftOptions(
    command
      .option('--folder <path>', 'folder at the server, levels joined by a backslash')
      .option('--timeout <span>', 'longest wait for a verdict', parseDuration, 15 * 60_000)
      .option('--expires-after <span>', 'the server deletes the files after this long', parseDuration)
      .option('--parallel <count>', 'files at a time', parseCount(64), 4)
      .addOption(
        new Option('--names <how>', 'what becomes of names that are not plain ASCII')
          .choices(['refuse', 'transliterate', 'percent', 'utf8-latin1'])
          .default('refuse'),
      )
      .option('--no-md5', 'send no checksum with each piece (for FIPS systems)'),
  );
}

async function uploadAll(run: Run, files: readonly string[], options: UploadOptions): Promise<ExitStatus> {
  const json = options.json === true;
  const view = createProgressView(run, json);
  const encoding: FileNameEncoding =
    options.names === 'percent' || options.names === 'utf8-latin1' ? options.names : 'ascii';
  try {
    return await withMetaDefender(
      run,
      options,
      async (client) => {
        const statuses = await inParallel(files, options.parallel, async (file) => {
          const row = view.row(basename(file));
          const report = await uploadOne(run, client, file, options, row);
          row.end();
          writeReport(run, report, { json, view });
          return statusOf(report);
        });
        return gravest(statuses);
      },
      { fileNames: encoding },
    );
  } finally {
    view.close();
  }
}

/** The client says it in the words of a program; here the option of the command is what helps. */
function refuseOddName(name: string, names: UploadOptions['names']): void {
  if (names !== 'refuse' || /^[\u0020-\u007e]*$/.test(name)) return;
  throw new CommandError(
    'The name is not plain ASCII, and how this server reads other letters is not documented. --names transliterate changes it; --names utf8-latin1 or percent sends it ("mdmft probe" tells which your server reads).',
  );
}

/** One file. What goes wrong with it is its result: the others go on. */
async function uploadOne(
  run: Run,
  client: MetaDefenderClient,
  file: string,
  options: UploadOptions,
  row: ProgressRow,
): Promise<FileReport> {
  const { signal } = run;
  let fileId: string | undefined;
  try {
    row.moved(0, await sizeOf(file));
    const name = basename(file);
    refuseOddName(name, options.names);
    const uploaded = await client.uploads.uploadFile(file, {
      fileName: options.names === 'transliterate' ? asciiFileName(name) : name,
      folder: options.folder,
      expiresAfterMs: options.expiresAfter,
      md5: options.md5,
      signal,
      onProgress: ({ sent, total }) => row.moved(sent, total),
    });
    fileId = uploaded.fileId;
    const { size, sha256 } = uploaded;
    if (options.wait !== true) return { file, fileId, verdict: 'uploaded', size, sha256 };
    row.waiting('scanning');
    const verdict: Verdict = await client.files.waitForVerdict(fileId, {
      timeoutMs: options.timeout,
      expected: { size },
      signal,
      onVerdict: ({ status, unlocksAt }) => {
        if (status === 'pending') row.waiting(unlocksAt === undefined ? 'scanning' : 'scanned, but locked');
      },
    });
    const report = reportOf(verdict, { file, sha256 });
    // One that is not decided yet stays: "mdmft wait" can go on with it.
    return options.delete === true && verdict.status !== 'pending'
      ? await deleted(client, report, run, signal)
      : report;
  } catch (error) {
    if (signal.aborted) {
      if (fileId !== undefined && options.delete === true)
        await deleted(client, { fileId, verdict: 'failed' }, run);
      throw error;
    }
    const known = fileId === undefined ? {} : { fileId };
    return { file, ...known, verdict: 'failed', error: run.secrets.removeFrom(sentenceOf(error)) };
  }
}

/** A file that stays behind changes nothing about its verdict, so it is only said. */
async function deleted(
  client: MetaDefenderClient,
  report: FileReport,
  run: Run,
  signal?: AbortSignal,
): Promise<FileReport> {
  try {
    await client.files.delete(report.fileId ?? '', { signal, clocks: { totalMs: DELETE_MS } });
    return report;
  } catch (error) {
    return { ...report, error: `It was not deleted: ${run.secrets.removeFrom(sentenceOf(error))}` };
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    ({ size }) => size,
    () => undefined,
  );
}
