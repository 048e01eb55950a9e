import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ThreadWriterOptions } from '../thread-writer';

const bridgeRoot = resolve(__dirname, '..', '..', '..');
const repository = resolve(bridgeRoot, '..', '..');

/**
 * Builds the writer thread of the sources as they are now. Not loaded as TypeScript: tsx does not reach a worker's first
 * module on Node 20. Within the package, so that the native part of SQLite is found from there.
 */
export function buildWriterThread(): ThreadWriterOptions & { remove: () => void } {
  const directory = mkdtempSync(join(bridgeRoot, 'node_modules', '.writer-thread-'));
  const script = join(directory, 'ledger-writer.mjs');
  execFileSync(join(repository, 'node_modules', 'esbuild', 'bin', 'esbuild'), [
    join(bridgeRoot, 'src', 'ledger', 'writer-thread.ts'),
    '--bundle',
    '--platform=node',
    '--format=esm',
    '--target=node20',
    '--external:better-sqlite3',
    '--log-level=warning',
    `--outfile=${script}`,
  ]);
  return { script, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
