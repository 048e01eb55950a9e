import type { Blob } from '../blob-store';
import { createLane } from '../lane';
import type { Engine, Inspection } from './engine/inspect';

/** Runs the engine, never over more than a few files at a time. */
export interface ScanQueue {
  /** Never rejects: an engine that fails has not scanned, and says so. */
  inspect(content: Blob, name: string): Promise<Inspection>;
}

/** Up to this size a file counts as small: it lies in memory or nearly, and passes large ones by. */
export const SMALL_FILE_BYTES = 1024 * 1024;
// Two large scans keep two cores busy; small ones mostly wait for zlib and for the event loop.
const LARGE_AT_ONCE = 2;
const SMALL_AT_ONCE = 16;

/** @example const queue = createScanQueue(createEngine({ store })); */
export function createScanQueue(engine: Engine): ScanQueue {
  const small = createLane(SMALL_AT_ONCE);
  const large = createLane(LARGE_AT_ONCE);
  return {
    async inspect(content, name) {
      const lane = content.size <= SMALL_FILE_BYTES ? small : large;
      try {
        return await lane(() => engine(content, name));
      } catch {
        const sha256 = await content.sha256().catch(() => '');
        return { verdict: 'unscannable', sha256, reason: 'Failed', failedAction: 'Scan Failed' };
      }
    },
  };
}
