import { Command } from 'commander';
import type { CliContext } from './context';
import { errorCode } from './error-code';
import manifest from '../package.json';

/** Version of this package. */
export const cliVersion: string = manifest.version;

/** An empty program that writes where the context says, and whose subcommands do so as well. */
export function createProgram(name: string, description: string, context: CliContext): Command {
  return new Command(name)
    .description(description)
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
      getOutHelpWidth: () => context.stdout.columns ?? 100,
      getErrHelpWidth: () => context.stderr.columns ?? 100,
    })
    .showHelpAfterError('(add --help for what can be said here)')
    .helpCommand('help [command]', 'show the help of a command');
}

/** Parses the arguments and runs the command. What commander itself says (help, a wrong option) becomes an exit status. */
export async function runProgram(
  program: Command,
  context: CliContext,
  args: readonly string[],
): Promise<void> {
  for (const command of allCommands(program)) command.exitOverride();
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!isCommanderError(error)) throw error;
    context.setExitCode(error.exitCode);
  }
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap((one) => allCommands(one))];
}

const isCommanderError = (error: unknown): error is { readonly exitCode: number } =>
  errorCode(error)?.startsWith('commander.') === true;
