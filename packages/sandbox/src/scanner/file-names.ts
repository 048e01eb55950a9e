import type { StoredFile } from './stored-file';
import type { ScannerUndocumented } from './undocumented';

/** Which names are taken, by owner and folder. */
export interface FileNames {
  /** Takes the name of a file; one that is taken gets `-Copy(n)`, with the lowest number that is free. */
  enter(file: StoredFile): void;
  /** Gives the name back. Twice is harmless. */
  leave(file: StoredFile): void;
}

const MAX_NAME = 255;

/** @example createFileNames(() => 'copy').enter(file); // file.name may be another one now */
export function createFileNames(duplicates: () => ScannerUndocumented['duplicateNames']): FileNames {
  const taken = new Map<string, StoredFile>();
  // All numbers below are taken: the ten-thousandth file of one name must not ask for each of them.
  const lowest = new Map<string, number>();

  /** Beyond 255 characters the renaming fails and a duplicate stays, as the manual says. */
  function freeName(file: StoredFile): string {
    const { name } = file;
    const dot = name.lastIndexOf('.');
    const stem = dot > 0 ? name.slice(0, dot) : name;
    const start = lowest.get(nameKey(file, name)) ?? 0;
    for (let n = start; ; n += 1) {
      const candidate = n === 0 ? name : `${stem}-Copy(${n})${name.slice(stem.length)}`;
      if (candidate.length > MAX_NAME) return name;
      if (taken.has(nameKey(file, candidate))) continue;
      lowest.set(nameKey(file, name), n + 1);
      return candidate;
    }
  }

  return {
    enter(file) {
      if (duplicates() === 'copy') file.name = freeName(file);
      taken.set(nameKey(file, file.name), file);
    },
    leave(file) {
      const key = nameKey(file, file.name);
      if (taken.get(key) !== file) return;
      taken.delete(key);
      // It may have been a copy, or a copy of a copy: whoever counts past it has to look again.
      for (let name = file.name; ;) {
        lowest.delete(nameKey(file, name));
        const original = name.replace(/-Copy\(\d+\)(\.[^.]*)?$/, '$1');
        if (original === name) return;
        name = original;
      }
    },
  };
}

function nameKey(file: StoredFile, name: string): string {
  return `${file.owner.userId}\0${file.path}\0${name}`;
}
