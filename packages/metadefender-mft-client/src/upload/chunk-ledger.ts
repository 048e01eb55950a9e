/** A chunk that the server acknowledged while an earlier one was still on its way. */
export interface ChunkAhead {
  /** zero-based number of the chunk */
  readonly index: number;
  /** SHA-256 of the file from its start to the end of this chunk, lower-case hex */
  readonly sha256: string;
}

/**
 * Which chunks of a file the server acknowledged, and by which bytes. Its size does not grow with the file: chunks are read in order, so
 * that one hash stands for all of the first ones, and only those that overtook an earlier one are listed.
 */
export interface AcknowledgedChunks {
  /** how many chunks were acknowledged without a gap from the start of the file */
  readonly contiguous: number;
  /** SHA-256 of the bytes of these, lower-case hex; absent for none */
  readonly sha256?: string | undefined;
  /** those that overtook an earlier one, by number */
  readonly ahead: readonly ChunkAhead[];
}

/** Keeps {@link AcknowledgedChunks} up to date during an upload. */
export interface ChunkLedger {
  /** Whether an earlier run had this chunk acknowledged; `sha256` is what the file up to its end has to hash to. */
  before(index: number): { readonly sha256: string | undefined } | undefined;
  /** @param sha256 of the file from its start to the end of this chunk */
  acknowledge(index: number, sha256: string): void;
  state(): AcknowledgedChunks;
}

/** @param start what an earlier run of the same upload left */
export function createChunkLedger(start: AcknowledgedChunks = { contiguous: 0, ahead: [] }): ChunkLedger {
  const earlier = new Map(start.ahead.map(({ index, sha256 }) => [index, sha256]));
  const ahead = new Map(earlier);
  let { contiguous, sha256: prefix } = start;
  return {
    before: (index) => {
      if (index < start.contiguous)
        return { sha256: index === start.contiguous - 1 ? start.sha256 : undefined };
      const sha256 = earlier.get(index);
      return sha256 === undefined ? undefined : { sha256 };
    },
    acknowledge: (index, sha256) => {
      ahead.set(index, sha256);
      for (let next = ahead.get(contiguous); next !== undefined; next = ahead.get(contiguous)) {
        ahead.delete(contiguous);
        prefix = next;
        contiguous += 1;
      }
    },
    state: () => ({
      contiguous,
      ...(prefix === undefined ? {} : { sha256: prefix }),
      ahead: [...ahead]
        .map(([index, sha256]) => ({ index, sha256 }))
        .sort((one, other) => one.index - other.index),
    }),
  };
}
