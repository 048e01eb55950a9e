/** A time in which the scanner's answers are worth nothing: from its last passed self-test before a failure to the next. */
export interface DoubtfulTime {
  /** Epoch ms. */
  readonly from: number;
  /** Null while it goes on. */
  readonly to: number | null;
  /** While it goes on: the latest time at which a self-test failed. Absent in what an earlier version noted. */
  readonly failedAt?: number;
}

/** What is remembered of the self-tests over restarts. */
export interface SelfTestRecord {
  readonly lastPassAt: number | null;
  readonly doubtful: readonly DoubtfulTime[];
}

export const noSelfTests: SelfTestRecord = { lastPassAt: null, doubtful: [] };

/** Longer ago than any message waits. */
const most = 100;

/**
 * The record after a self-test that came to a result. A result that is not later than the one before it shows that the clock
 * was set back: what times the scans since then have is not known, so everything before is doubtful. Pure.
 */
export function afterSelfTest(record: SelfTestRecord, passed: boolean, at: number): SelfTestRecord {
  const { lastPassAt, doubtful } = record;
  if (passed)
    return { lastPassAt: at, doubtful: doubtful.map((time) => (time.to === null ? closed(time, at) : time)) };
  if (doubtful.some(({ to }) => to === null))
    return {
      lastPassAt,
      doubtful: doubtful.map((time) => (time.to === null ? failedAgain(time, at) : time)),
    };
  const from = lastPassAt === null || lastPassAt >= at ? 0 : lastPassAt;
  return { lastPassAt, doubtful: [...doubtful, { from, to: null, failedAt: at }].slice(-most) };
}

/** Whether a scan that lasted from `from` to `to` touches a time of doubt; either may end before it began by the clock. Pure. */
export function isDoubtful({ doubtful }: SelfTestRecord, from: number, to: number): boolean {
  const [begin, end] = [Math.min(from, to), Math.max(from, to)];
  return doubtful.some((time) => {
    const timeTo = time.to ?? Infinity;
    return begin < Math.max(time.from, timeTo) && end > Math.min(time.from, timeTo);
  });
}

const latestOf = ({ from, failedAt }: DoubtfulTime): number => Math.max(from, failedAt ?? from);

function failedAgain(time: DoubtfulTime, at: number): DoubtfulTime {
  const latest = latestOf(time);
  return { from: at <= latest ? 0 : time.from, to: null, failedAt: Math.max(latest, at) };
}

/** Scans of the doubt have times up to the latest by the clock that was ahead: they stay doubtful. */
function closed(time: DoubtfulTime, at: number): DoubtfulTime {
  const latest = latestOf(time);
  return { from: at <= latest ? 0 : time.from, to: Math.max(latest, at) };
}
