import { types } from 'node:util';
import type { CliContext } from './context';
import type { ExitStatus } from './exit-status';
import { exitStatus } from './exit-status';
import type { Secrets } from './secrets';
import { createSecrets } from './secrets';
import { terminalText } from './terminal/terminal-text';

/** Of a program that Ctrl-C ended: 128 + 2. */
const INTERRUPTED = 130;

/** A command ends with this sentence and exit status 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** What a command's body works with. */
export interface Run extends CliContext {
  readonly secrets: Secrets;
}

/**
 * Runs a command's body and sets the exit status that it returns. Errors become a sentence on standard error and status 1; a stack
 * helps nobody who typed a command.
 */
export async function runCommand(
  context: CliContext,
  body: (run: Run) => Promise<ExitStatus>,
): Promise<void> {
  const secrets = createSecrets();
  try {
    context.setExitCode(await body({ ...context, secrets }));
  } catch (error) {
    if (context.signal.aborted) {
      context.stderr.write('Interrupted.\n');
      context.setExitCode(INTERRUPTED);
      return;
    }
    context.stderr.write(`${terminalText(secrets.removeFrom(sentenceOf(error)))}\n`);
    context.setExitCode(exitStatus.failed);
  }
}

/** What an error says to people. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error || types.isNativeError(error) ? error.message : 'The command failed.';
}
