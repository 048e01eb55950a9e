import { checkScript } from './check-script';
import { fileMatches, type FileMatcher, type FileToMatch } from './file-matcher';
import type { FileScript } from './file-script';

/** The scripts of one scanner. They hold for files whose upload is completed after they were added. */
export interface FileScripts {
  /**
   * The one that was added last comes first. Returns the function that takes it away.
   *
   * @throws RangeError for a script that cannot be meant.
   */
  add(matcher: FileMatcher, script: FileScript): () => void;
  clear(): void;
  /** The script for a file. It counts as used. */
  take(file: FileToMatch, sha256: () => Promise<string>): Promise<FileScript>;
}

const NOTHING: FileScript = {};

/** @example createFileScripts().add('*.exe', { verdict: 'blocked' }); */
export function createFileScripts(): FileScripts {
  let entries: { matcher: FileMatcher; script: FileScript; left: number }[] = [];
  return {
    add(matcher, script) {
      checkScript(matcher, script);
      const { times = Infinity } = script;
      const timeline = (script.timeline ?? []).toSorted((a, b) => (a.afterMs ?? 0) - (b.afterMs ?? 0));
      const entry = { matcher, script: { ...script, timeline }, left: times };
      entries.unshift(entry);
      return () => void (entries = entries.filter((one) => one !== entry));
    },
    clear: () => void (entries = []),
    async take(file, sha256) {
      for (const entry of [...entries]) {
        if (!(await fileMatches(entry.matcher, file, sha256))) continue;
        // Another file may have used it up while this one's hash was computed.
        if (entry.left < 1) continue;
        entry.left -= 1;
        if (entry.left === 0) entries = entries.filter((one) => one !== entry);
        return entry.script;
      }
      return NOTHING;
    },
  };
}
