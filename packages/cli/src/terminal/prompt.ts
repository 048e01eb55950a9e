import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { CliContext } from '../context';
import { CommandError } from '../run-command';

/**
 * Asks a question on the terminal. With `secret` nothing that is typed appears: readline echoes into a stream that swallows it.
 *
 * @throws CommandError where nobody can answer, or the answer is empty
 */
export async function prompt(
  { stdin, stderr, signal }: Pick<CliContext, 'stdin' | 'stderr' | 'signal'>,
  question: string,
  { secret }: { readonly secret: boolean },
): Promise<string> {
  if (stdin.isTTY !== true || stderr.isTTY !== true)
    throw new CommandError(`"${question}" cannot be asked: standard input or standard error is no terminal.`);
  stderr.write(`${question}: `);
  const echo = new Writable({
    write(chunk: Buffer | string, _encoding, done) {
      if (!secret) stderr.write(chunk.toString());
      done();
    },
  });
  // `terminal: true` puts the terminal into raw mode, so that not even the operating system echoes.
  const reader = createInterface({ input: stdin, output: echo, terminal: true, historySize: 0 });
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      const interrupted = (): void => reject(new CommandError(`"${question}" was not answered.`));
      reader.once('line', resolve);
      reader.once('close', interrupted);
      reader.once('SIGINT', interrupted);
      signal.addEventListener('abort', interrupted, { once: true });
    });
    if (answer === '') throw new CommandError(`"${question}" was not answered.`);
    return answer;
  } finally {
    reader.close();
    if (secret) stderr.write('\n');
  }
}
