import { types } from 'node:util';
import type { Environment } from '../config/secrets';

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Columns of the terminal. */
  readonly columns?: number;
}

/** What a command touches of the process. Passed in, so that a test sees everything that it says and does. */
export interface CommandContext {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Environment;
  /** 0: done; 1: it could not be done, and standard error says why. */
  readonly setExitCode: (code: number) => void;
  /** The process ends of itself, and after so many ms whatever still keeps it alive. */
  readonly endWithin: (ms: number) => void;
  /** Epoch ms. */
  readonly now: () => number;
}

/** The real process. */
export function processContext(): CommandContext {
  // `mft-bridge message ls | head` closes the pipe early: that is an end, and no crash with a stack.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    now: Date.now,
    setExitCode: (code) => {
      process.exitCode = code;
    },
    endWithin: (ms) => void setTimeout(() => process.exit(), ms).unref(),
  };
}

/** A command ends with this sentence and exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/**
 * Runs a command's body. Errors become a sentence on standard error and exit code 1; a stack helps nobody who typed a
 * command.
 */
export async function runCommand(context: CommandContext, body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    context.stderr.write(
      `${error instanceof Error || types.isNativeError(error) ? error.message : 'The command failed.'}\n`,
    );
    context.setExitCode(1);
  }
}
