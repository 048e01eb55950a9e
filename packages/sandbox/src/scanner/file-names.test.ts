import { createFileNames } from './file-names';
import type { StoredFile } from './stored-file';

/** Only what a name depends on. */
const file = (name: string, path = ''): StoredFile => ({ name, path, owner: { userId: 1 } }) as StoredFile;

describe('file names', () => {
  it('gives the lowest free number, also one that was given back', () => {
    const names = createFileNames(() => 'copy');
    const files = Array.from({ length: 4 }, () => file('a.txt'));
    for (const one of files) names.enter(one);
    expect(files.map(({ name }) => name)).toEqual([
      'a.txt',
      'a-Copy(1).txt',
      'a-Copy(2).txt',
      'a-Copy(3).txt',
    ]);
    names.leave(files[1]!);
    names.leave(files[1]!);
    const [again, next] = [file('a.txt'), file('a.txt')];
    names.enter(again);
    names.enter(next);
    expect([again.name, next.name]).toEqual(['a-Copy(1).txt', 'a-Copy(4).txt']);
  });

  it('notices a copy that was uploaded under that name, and its end', () => {
    const names = createFileNames(() => 'copy');
    const given = file('a-Copy(1).txt');
    names.enter(given);
    names.enter(file('a.txt'));
    const second = file('a.txt');
    names.enter(second);
    expect(second.name).toBe('a-Copy(2).txt');
    names.leave(given);
    const third = file('a.txt');
    names.enter(third);
    expect(third.name).toBe('a-Copy(1).txt');
  });

  it('leaves a duplicate where the new name would be longer than 255 characters', () => {
    const names = createFileNames(() => 'copy');
    const long = `${'x'.repeat(250)}.txt`;
    names.enter(file(long));
    const again = file(long);
    names.enter(again);
    expect(again.name).toBe(long);
  });

  it('keeps folders apart', () => {
    const names = createFileNames(() => 'copy');
    const [here, there] = [file('a'), file('a', 'in')];
    names.enter(here);
    names.enter(there);
    expect([here.name, there.name]).toEqual(['a', 'a']);
  });
});
