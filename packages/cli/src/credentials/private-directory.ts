import { homedir } from 'node:os';
import { join } from 'node:path';
import type { CliContext } from '../context';

/** Where a command keeps what is the user's own: `$XDG_CONFIG_HOME/mft-bridge`, `%APPDATA%\mft-bridge` or `~/.config/mft-bridge`. */
export function privateDirectory({ env }: Pick<CliContext, 'env'>): string {
  const base = env['XDG_CONFIG_HOME'] ?? (process.platform === 'win32' ? env['APPDATA'] : undefined);
  return join(
    base === undefined || base === '' ? join(env['HOME'] ?? homedir(), '.config') : base,
    'mft-bridge',
  );
}
