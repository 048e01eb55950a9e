/** Memory for chunks on their way, shared by all uploads of one client. */
export interface UploadBuffers {
  /**
   * Waits for room, oldest first.
   *
   * @throws the signal's reason when it is aborted while waiting
   */
  lend(bytes: number, signal: AbortSignal): Promise<Loan>;
}

export interface Loan {
  readonly buffer: Buffer;
  /** @param reusable false when a socket may still hold the bytes: they are then left to the garbage collector */
  giveBack(reusable: boolean): void;
}

interface Waiter {
  readonly bytes: number;
  readonly grant: () => void;
}

/**
 * Smaller buffers are not kept: they are cheap to make, and seldom of a length that is asked for again. Thousands of them, of as many
 * lengths, filled the bound, were searched at every loan, and left no room for chunks.
 */
const KEPT_BYTES = 1024 * 1024;

/**
 * Buffers within a bound. Chunks are large, so they are used again instead of being left to the garbage collector, which would let
 * resident memory swing by several times the bound.
 *
 * @param capacity bytes lent out at a time; a single loan above it is granted when nothing else is out
 */
export function createUploadBuffers(capacity: number): UploadBuffers {
  const idle: Buffer[] = [];
  const waiting: Waiter[] = [];
  let lent = 0;

  const fits = (bytes: number): boolean => lent === 0 || lent + bytes <= capacity;
  const serve = (): void => {
    for (let next = waiting[0]; next !== undefined && fits(next.bytes); next = waiting[0]) {
      waiting.shift();
      lent += next.bytes;
      next.grant();
    }
  };

  const room = (bytes: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        const at = waiting.indexOf(waiter);
        if (at !== -1) waiting.splice(at, 1);
        reject(signal.reason as Error);
        serve();
      };
      const waiter: Waiter = {
        bytes,
        grant: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      waiting.push(waiter);
      serve();
    });

  const loan = (bytes: number, buffer: Buffer): Loan => {
    let out = true;
    return {
      buffer,
      giveBack: (reusable) => {
        if (!out) return;
        out = false;
        lent -= bytes;
        const kept = idle.reduce((sum, one) => sum + one.length, 0);
        if (reusable && bytes >= KEPT_BYTES && kept + bytes <= capacity) idle.push(buffer);
        serve();
      },
    };
  };

  return {
    lend: async (bytes, signal) => {
      signal.throwIfAborted();
      await room(bytes, signal);
      const at = idle.findIndex((one) => one.length === bytes);
      const [buffer = Buffer.allocUnsafeSlow(bytes)] = at === -1 ? [] : idle.splice(at, 1);
      return loan(bytes, buffer);
    },
  };
}
