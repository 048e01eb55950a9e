import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import type { link } from 'node:fs/promises';
import { join } from 'node:path';
import { notThere } from './not-there';
import { publishFile } from './publish-file';

/** Says in a folder which one it is. Hidden, and no name from outside can be it: safe names begin with no dot. */
const fileName = '.mft-bridge-destination';
/** More than any mark has. */
const mostBytes = 4_096;

/** Where the mark of a folder stands. */
export const markPath = (directory: string): string => join(directory, fileName);

/** What is written there, in the fewest words that are read. */
export const markText = (id: string): string => JSON.stringify({ id });

/** The id that a folder has; undefined where it has no mark, null where its mark names none. Throws what the file system says. */
export async function readMark(directory: string): Promise<string | null | undefined> {
  // Not waiting: others may write into the folder, and a pipe of that name would never answer.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  const file = await open(markPath(directory), flags).catch(notThere);
  if (file === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(mostBytes), 0, mostBytes, 0);
    return parseMark(buffer.toString('utf8', 0, bytesRead));
  } finally {
    await file.close();
  }
}

/**
 * Gives a folder an id, durably, unless it has one already: of several bridges the first one's stands, so it is to be read
 * afterwards. Cut off at any point it can be done again.
 */
export async function writeMark(
  directory: string,
  { id, destination, link: linkFile }: { id: string; destination: string; link?: typeof link },
): Promise<void> {
  const draft = `${markPath(directory)}.${id}`;
  try {
    const file = await open(draft, 'wx');
    try {
      // The destination is for people: another bridge may call the same folder otherwise.
      await file.writeFile(`${JSON.stringify({ id, destination })}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await publishFile(draft, markPath(directory), {
      resumed: true,
      ...(linkFile === undefined ? {} : { link: linkFile }),
    });
  } finally {
    await rm(draft, { force: true });
  }
}

function parseMark(text: string): string | null {
  try {
    const { id } = JSON.parse(text) as { id?: unknown };
    return typeof id === 'string' && id !== '' ? id : null;
  } catch {
    return null;
  }
}
