import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configure, Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';

configure({ useWebWorkers: false });

/** A directory for one test. */
export interface Scratch {
  readonly path: string;
  /** Writes a file and returns its path. */
  file(name: string, content: string | Uint8Array, mode?: number): string;
  remove(): void;
}

export function createScratch(): Scratch {
  const path = mkdtempSync(join(tmpdir(), 'mft-cli-test-'));
  return {
    path,
    file(name, content, mode = 0o600) {
      const place = join(path, name);
      writeFileSync(place, content, { mode });
      return place;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

// Put together here: as one piece it would make virus scanners take this file away.
export const eicar = (): Buffer =>
  Buffer.from(['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD', '-ANTIVIRUS-TEST-', 'FILE!$H+H*'].join(''));

/** A ZIP that nobody can look into. */
export async function encryptedZip(): Promise<Uint8Array> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { password: 'not told' });
  await writer.add('inside.txt', new Uint8ArrayReader(Buffer.from('hidden')));
  return writer.close();
}
