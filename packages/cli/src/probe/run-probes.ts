import { isApiError, isMftBridgeError } from '@mft-bridge/http-transport';
import pc from 'picocolors';
import type { ExitStatus } from '../exit-status';
import { exitStatus } from '../exit-status';
import type { Run } from '../run-command';
import { CommandError, sentenceOf } from '../run-command';
import { createProgressView } from '../terminal/progress-view';
import { terminalText } from '../terminal/terminal-text';
import { writeJson } from '../write-json';
import type { Finding, Probe } from './probe';
import { differs, Untested, untested } from './probe';

/** How a run is reported. */
export interface ProbeReport {
  readonly json: boolean;
  /** Takes out what is a secret or says whose server it is. */
  readonly clean: (text: string) => string;
}

/** Runs the probes one after the other and writes each finding when it is there. 2 if one differs. */
export async function runProbes<Lab>(
  run: Run,
  lab: Lab,
  probes: readonly Probe<Lab>[],
  { json, clean }: ProbeReport,
): Promise<ExitStatus> {
  const counts = { holds: 0, differs: 0, untested: 0 };
  const view = createProgressView(run, json);
  const colors = pc.createColors(run.stdout.isTTY === true);
  const paint = { holds: colors.green, differs: colors.red, untested: colors.dim };
  try {
    const inTurn = [
      ...probes.filter(({ late }) => late !== true),
      ...probes.filter(({ late }) => late === true),
    ];
    for (const { number, question, run: look } of inTurn) {
      const row = view.row(`${String(number)} ${question}`);
      row.waiting('looking');
      const found = await settle(run, () => look(lab));
      row.end();
      const { outcome } = found;
      const detail = clean(run.secrets.removeFrom(found.detail));
      counts[outcome] += 1;
      view.above(() => {
        if (json) writeJson(run.stdout, { number, question, outcome, detail });
        else
          run.stdout.write(
            `${paint[outcome](outcome.padEnd(8))}  ${String(number).padStart(2)}  ${question}\n              ${terminalText(detail)}\n`,
          );
      });
    }
  } finally {
    view.close();
  }
  if (!json)
    run.stdout.write(
      `\n${String(counts.holds)} hold, ${String(counts.differs)} differ, ${String(counts.untested)} are untested.\n`,
    );
  return counts.differs > 0 ? exitStatus.refused : exitStatus.done;
}

async function settle(run: Run, look: () => Promise<Finding> | Finding): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    if (run.signal.aborted) throw error;
    if (error instanceof Untested || error instanceof CommandError) return untested(error.message);
    // The server refused, or answered in a form that the client cannot read, where the reference says that it does not.
    if (isApiError(error) && error.status < 500) return differs(sentenceOf(error));
    if (isMftBridgeError(error)) return untested(sentenceOf(error));
    throw error;
  }
}
