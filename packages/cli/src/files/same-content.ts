import { lstat, open } from 'node:fs/promises';

/**
 * Whether a file holds just these bytes: what an interrupted run stored is then not in the way of the next one. Both are read side by
 * side, up to the first difference.
 *
 * @returns its size in bytes; undefined where it differs or is no file
 */
export async function sameContent(
  path: string,
  content: AsyncIterable<Uint8Array>,
): Promise<number | undefined> {
  // A pipe of this name would be waited for without end.
  if (!(await lstat(path)).isFile()) return undefined;
  const file = await open(path, 'r');
  try {
    let size = 0;
    for await (const piece of content) {
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(piece.byteLength),
        0,
        piece.byteLength,
        size,
      );
      if (bytesRead !== piece.byteLength || !buffer.equals(piece)) return undefined;
      size += bytesRead;
    }
    return (await file.stat()).size === size ? size : undefined;
  } finally {
    await file.close();
  }
}
