import { spawn } from 'node:child_process';

export interface CommandEnd {
  readonly code: number | null;
  /** Killed, where the time that it was given was over. */
  readonly killed: boolean;
  readonly output: string;
}

export interface CommandOptions {
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** SIGKILL after so many ms; never by default. */
  readonly killAfterMs?: number;
}

/** Runs `mft-bridge` with these words. */
export function runCommand(
  words: readonly string[],
  { script, env, killAfterMs }: CommandOptions,
): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...words], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => void (output += text));
    const timer =
      killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, killed: signal === 'SIGKILL', output });
    });
  });
}
