/** How far an upload has come. */
export interface UploadProgress {
  /** bytes handed to the network, or acknowledged; never less than the time before */
  readonly sent: number;
  /** bytes of the file */
  readonly total: number;
}

export interface ProgressMeter {
  /** @param bytes how far the current try of a chunk has come; a new try begins at 0 again */
  moved(chunk: number, bytes: number): void;
  /** The chunk was acknowledged. */
  done(chunk: number, bytes: number): void;
}

/** Adds up chunks that are sent in parallel, and hides that a chunk which is sent again begins anew. */
export function createProgressMeter(
  total: number,
  report: ((progress: UploadProgress) => void) | undefined,
): ProgressMeter {
  const highest = new Map<number, number>();
  let finished = 0;
  let last = 0;
  const tell = (): void => {
    let sent = finished;
    for (const bytes of highest.values()) sent += bytes;
    if (sent <= last) return;
    last = Math.min(sent, total);
    report?.({ sent: last, total });
  };
  return {
    moved: (chunk, bytes) => {
      if (bytes > (highest.get(chunk) ?? 0)) highest.set(chunk, bytes);
      tell();
    },
    done: (chunk, bytes) => {
      highest.delete(chunk);
      finished += bytes;
      tell();
    },
  };
}
