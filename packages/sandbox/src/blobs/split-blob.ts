import type { Blob } from './blob';

/**
 * Two holders of one content: it is given back when both have disposed of theirs.
 *
 * @example
 * const [kept, given] = splitBlob(blob);
 */
export function splitBlob(blob: Blob): readonly [Blob, Blob] {
  const holders = new Set<symbol>();
  function holder(): Blob {
    const mine = Symbol('holder');
    holders.add(mine);
    return {
      size: blob.size,
      sha256: () => blob.sha256(),
      read: (start, end) => blob.read(start, end),
      bytes: (start, end) => blob.bytes(start, end),
      async dispose() {
        if (holders.delete(mine) && holders.size === 0) await blob.dispose();
      },
    };
  }
  return [holder(), holder()];
}
