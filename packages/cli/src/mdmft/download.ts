import { join } from 'node:path';
import { evaluateVerdict } from '@mft-bridge/metadefender-mft-client';
import type { MetaDefenderClient, Verdict } from '@mft-bridge/metadefender-mft-client';
import type { Command } from 'commander';
import type { CliContext } from '../context';
import type { ExitStatus } from '../exit-status';
import { exitStatus } from '../exit-status';
import { counted } from '../files/counted';
import { safeFileName } from '@mft-bridge/http-transport';
import { refuseTaken, saveFile, throughDraft } from '../files/save-file';
import type { Run } from '../run-command';
import { runCommand } from '../run-command';
import { humanBytes } from '../terminal/human';
import type { ProgressRow } from '../terminal/progress-view';
import { createProgressView } from '../terminal/progress-view';
import { terminalText } from '../terminal/terminal-text';
import { writeJson } from '../write-json';
import type { MdmftOptions } from './mdmft-options';
import { withMetaDefender } from './connection';
import { addMdmftOptions } from './mdmft-options';
import { reportOf, statusOf } from './verdict-report';
import { writeReport } from './write-report';

interface DownloadOptions extends MdmftOptions {
  readonly to: string;
  readonly output?: string | undefined;
  readonly force?: true | undefined;
  readonly uncleared?: true | undefined;
}

/** Adds `mdmft download`. */
export function registerDownload(program: Command, context: CliContext): void {
  addMdmftOptions(
    program
      .command('download')
      .description('download a file that was positively cleared')
      .argument('<id>', 'id of the file')
      .option('--to <dir>', 'directory; the name is the one that the server knows, made safe', '.')
      .option('-o, --output <file>', 'write to this very file instead')
      .option('--force', 'replace a file that exists')
      .option('--uncleared', 'download whatever the server hands out, cleared or not')
      .addHelpText(
        'after',
        `
The status is looked at before and after, and must clear the same bytes both times. Exit status: 0 downloaded, 2 it is blocked,
3 it is held or not decided; nothing is written then.`,
      ),
  ).action((id: string, options: DownloadOptions) =>
    runCommand(context, (run) =>
      withMetaDefender(run, options, (client) => download(run, client, id, options)),
    ),
  );
}

async function download(
  run: Run,
  client: MetaDefenderClient,
  id: string,
  options: DownloadOptions,
): Promise<ExitStatus> {
  const verdict = evaluateVerdict(await client.files.status(id, { signal: run.signal }));
  if (verdict.status !== 'cleared' && options.uncleared !== true) {
    const report = reportOf(verdict, verdict.name === undefined ? {} : { file: verdict.name });
    writeReport(run, report, { json: options.json === true });
    return statusOf(report);
  }
  const path = options.output ?? join(options.to, safeFileName(verdict.name ?? id));
  if (options.force !== true) await refuseTaken(path);
  const view = createProgressView(run, options.json === true);
  try {
    const row = view.row(verdict.name ?? id, verdict.size);
    const size = await save(run, client, verdict, path, options, row);
    view.close();
    const { status, sanitized } = verdict;
    if (options.json === true) writeJson(run.stdout, { fileId: id, path, size, verdict: status, sanitized });
    else
      run.stdout.write(
        `${terminalText(path)}  (${humanBytes(size)}, ${status}${sanitized ? ', sanitized' : ''})\n`,
      );
    return exitStatus.done;
  } finally {
    view.close();
  }
}

async function save(
  run: Run,
  client: MetaDefenderClient,
  verdict: Verdict,
  path: string,
  options: DownloadOptions,
  row: ProgressRow,
): Promise<number> {
  // A large file takes as long as it takes: only silence ends it.
  const call = { signal: run.signal, clocks: { totalMs: 0 } };
  if (verdict.status === 'cleared') {
    row.waiting('downloading');
    const force = options.force === true;
    const saved = await throughDraft(path, force, (draft) =>
      client.files.downloadCleared(verdict, draft, call),
    );
    return saved.size;
  }
  const { body, size } = await client.files.download(verdict.fileId, call);
  return saveFile(
    path,
    counted(body, (done) => row.moved(done, size)),
    { force: options.force === true },
  );
}
