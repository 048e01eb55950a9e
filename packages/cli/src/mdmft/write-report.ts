import type { Run } from '../run-command';
import type { ProgressView } from '../terminal/progress-view';
import { writeJson } from '../write-json';
import type { FileReport } from './verdict-report';
import { reportLines } from './verdict-report';

/** Writes what came of one file as soon as it is known, above the bars of the others. */
export function writeReport(
  { stdout }: Pick<Run, 'stdout'>,
  report: FileReport,
  { json, view }: { readonly json: boolean; readonly view?: ProgressView },
): void {
  const write = (): void => {
    if (json) writeJson(stdout, report);
    else stdout.write(`${reportLines(report, stdout).join('\n')}\n`);
  };
  if (view === undefined) write();
  else view.above(write);
}
