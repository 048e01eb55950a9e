import { readFile, stat } from 'node:fs/promises';
import { errorCode } from '../error-code';
import type { Run } from '../run-command';
import { CommandError } from '../run-command';
import { terminalText } from '../terminal/terminal-text';

/** A file with a secret in it is small; anything else is not what was meant. */
const MOST_BYTES = 16 * 1024;

/**
 * Reads a file that holds a secret, and warns where others can read it too.
 *
 * @throws CommandError where it cannot be read or is empty
 */
export async function readSecretFile({ stderr, secrets }: Run, path: string): Promise<string> {
  try {
    const { size, mode } = await stat(path);
    if (size > MOST_BYTES) throw new CommandError(`${path} is too large to hold a secret.`);
    // A pipe such as /dev/fd/63 has the mode of the pipe and no other readers.
    if (process.platform !== 'win32' && (mode & 0o170000) === 0o100000 && (mode & 0o077) !== 0)
      stderr.write(`Warning: others can read ${terminalText(path)}; chmod 600 would keep them out.\n`);
    const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '').trim();
    if (text === '') throw new CommandError(`${path} is empty; it should hold a secret.`);
    for (const line of text.split(/\s*[\r\n]+\s*/)) secrets.keep(line);
    return text;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const code = errorCode(error) ?? 'unknown reason';
    throw new CommandError(`${path} could not be read (${code}). It should hold a secret.`);
  }
}
