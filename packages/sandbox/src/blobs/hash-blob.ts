import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { BLOB_STEP_BYTES } from './blob';
import type { StepSource } from './read-steps';

/**
 * SHA-256 (hex) of the first `size` bytes. The event loop gets a turn after each step: 2 GB are seconds of
 * arithmetic, and the servers of the same process must go on answering.
 */
export async function hashSteps(source: StepSource, size: number): Promise<string> {
  const hash = createHash('sha256');
  try {
    for (let offset = 0; offset < size; offset += BLOB_STEP_BYTES) {
      hash.update(await source.at(offset, Math.min(BLOB_STEP_BYTES, size - offset)));
      await turn();
    }
  } finally {
    await source.close?.();
  }
  return hash.digest('hex');
}
