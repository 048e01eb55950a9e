/** A time in which the scanner's answers are worth nothing: from its last passed self-test before a failure to the next. */
export interface DoubtfulTime {
  /** Epoch ms. */
  readonly from: number;
  /** Null while it goes on. */
  readonly to: number | null;
}

/** What is remembered of the self-tests over restarts. */
export interface SelfTestRecord {
  readonly lastPassAt: number | null;
  readonly doubtful: readonly DoubtfulTime[];
}

export const noSelfTests: SelfTestRecord = { lastPassAt: null, doubtful: [] };

/** Longer ago than any message waits. */
const most = 100;

/** The record after a self-test that came to a result. Pure. */
export function afterSelfTest(record: SelfTestRecord, passed: boolean, at: number): SelfTestRecord {
  const { lastPassAt, doubtful } = record;
  const isOpen = doubtful.some(({ to }) => to === null);
  if (passed)
    return {
      lastPassAt: at,
      doubtful: doubtful.map((time) => (time.to === null ? { ...time, to: at } : time)),
    };
  if (isOpen) return record;
  return { lastPassAt, doubtful: [...doubtful, { from: lastPassAt ?? 0, to: null }].slice(-most) };
}

/** Whether a scan that lasted from `from` to `to` touches a time of doubt. Pure. */
export function isDoubtful({ doubtful }: SelfTestRecord, from: number, to: number): boolean {
  return doubtful.some((time) => from < (time.to ?? Infinity) && to > time.from);
}
