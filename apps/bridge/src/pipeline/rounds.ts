/** Something that is done again and again. */
export interface Rounds {
  start(): void;
  /** A hint that there is something to do: the next round is brought forward. Costs nothing, however often it comes. */
  hint(): void;
  /** Breaks off the round that runs, and ends when it has ended. */
  stop(): Promise<void>;
}

export interface RoundsOptions {
  /** Must not reject but when it is aborted. @returns whether another round may find more at once */
  readonly round: (signal: AbortSignal) => Promise<boolean>;
  /** From the end of a round to the next. */
  readonly intervalMs: number;
  /** From the beginning of a round to one that a hint brings forward. */
  readonly hintGapMs: number;
  readonly now: () => number;
}

/** Makes a loop of rounds; none runs beside another. */
export function createRounds({ round, intervalMs, hintGapMs, now }: RoundsOptions): Rounds {
  const abort = new AbortController();
  let isHinted = false;
  let begunAt = 0;
  let bringForward: () => void = () => undefined;
  let loop: Promise<void> = Promise.resolve();

  async function main(): Promise<void> {
    while (!abort.signal.aborted) {
      isHinted = false;
      begunAt = now();
      const more = await round(abort.signal);
      if (!more) await pause();
    }
  }

  async function pause(): Promise<void> {
    if (abort.signal.aborted) return;
    await new Promise<void>((resolve) => {
      let timer = setTimeout(resolve, isHinted ? Math.min(intervalMs, hintedWait()) : intervalMs);
      bringForward = () => {
        clearTimeout(timer);
        if (abort.signal.aborted) resolve();
        else timer = setTimeout(resolve, Math.min(intervalMs, hintedWait()));
      };
    });
    bringForward = () => undefined;
  }

  // Bounded: a clock that was put back must not make it wait for hours.
  const hintedWait = (): number => Math.min(hintGapMs, Math.max(0, begunAt + hintGapMs - now()));

  return {
    start() {
      loop = main();
    },
    hint() {
      if (isHinted) return;
      isHinted = true;
      bringForward();
    },
    async stop() {
      abort.abort(new Error('the bridge was stopped'));
      bringForward();
      await loop;
    },
  };
}
