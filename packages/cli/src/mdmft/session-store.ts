import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { privateDirectory } from '../credentials/private-directory';
import { saveFile } from '../files/save-file';
import type { Run } from '../run-command';

/** A session that `mdmft login` began. */
export interface StoredSession {
  /** Of the server that the key is for: it is never sent to another one. */
  readonly url: string;
  /** A secret. */
  readonly key: string;
  /** Epoch ms; absent where the server did not say. */
  readonly expires?: number | undefined;
}

/** The one file in which sessions are kept; for the owner alone. */
export interface SessionStore {
  readonly path: string;
  read(): Promise<StoredSession | undefined>;
  write(session: StoredSession): Promise<void>;
  remove(): Promise<void>;
}

export function createSessionStore(run: Run): SessionStore {
  const path = join(privateDirectory(run), 'mdmft-session.json');
  return {
    path,
    async read() {
      const text = await readFile(path, 'utf8').catch(() => undefined);
      const session = text === undefined ? undefined : parse(text);
      if (session !== undefined) run.secrets.keep(session.key);
      return session;
    },
    async write(session) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await saveFile(path, [Buffer.from(`${JSON.stringify(session)}\n`)], { force: true, mode: 0o600 });
    },
    remove: () => rm(path, { force: true }),
  };
}

/** A file that somebody else wrote or broke is no session. */
function parse(text: string): StoredSession | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { url, key, expires } = value as Record<string, unknown>;
    if (typeof url !== 'string' || typeof key !== 'string' || key === '') return undefined;
    return { url, key, ...(typeof expires === 'number' ? { expires } : {}) };
  } catch {
    return undefined;
  }
}
