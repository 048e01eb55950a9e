import { createLogUpdate } from 'log-update';
import type { CliContext } from '../context';
import type { TransferState } from './progress-line';
import { progressLine } from './progress-line';

/** One transfer on the screen. */
export interface ProgressRow {
  /** Bytes so far; `total` where it became known. */
  moved(done: number, total?: number): void;
  /** From now on something else is waited for: `scanning`. */
  waiting(what: string): void;
  /** Takes the line away: what it came to is written by the caller. */
  end(): void;
}

/** Bars and spinners of several transfers, below what the command writes. */
export interface ProgressView {
  row(name: string, total?: number): ProgressRow;
  /** Writes something above the bars. */
  above(write: () => void): void;
  /** Clears the bars. */
  close(): void;
}

const FRAME_MS = 100;
const COLUMNS = 80;
const ROWS = 24;

const noRow: ProgressRow = { moved: () => undefined, waiting: () => undefined, end: () => undefined };
const noView: ProgressView = { row: () => noRow, above: (write) => write(), close: () => undefined };

/**
 * Draws on standard error, and only on a terminal: in a pipe, in a log and beside `--json` there is no picture, only results.
 *
 * @param quiet no picture, whatever standard error is
 */
export function createProgressView(
  { stderr, now, every }: Pick<CliContext, 'stderr' | 'now' | 'every'>,
  quiet = false,
): ProgressView {
  if (quiet || stderr.isTTY !== true) return noView;
  const screen = {
    write: (text: string) => stderr.write(text),
    // Some terminals know no size of their own, and say 0.
    get columns() {
      return stderr.columns || COLUMNS;
    },
    get rows() {
      return stderr.rows || ROWS;
    },
  };
  // It asks for columns and rows, and writes; that is all that our stream has to be.
  const draw = createLogUpdate(screen as unknown as NodeJS.WriteStream, { showCursor: true });
  const states: TransferState[] = [];
  const render = (): void => {
    if (states.length === 0) draw.clear();
    // One column is left free: some terminals break the line at the very last one.
    else draw(states.map((state) => progressLine(state, screen.columns - 1, now())).join('\n'));
  };
  const stop = every(FRAME_MS, () => {
    if (states.length > 0) render();
  });

  return {
    row(name, total) {
      let state: TransferState = { name, done: 0, total, waiting: undefined, since: now() };
      states.push(state);
      const change = (next: Partial<TransferState>): void => {
        const at = states.indexOf(state);
        if (at < 0) return;
        state = { ...state, ...next };
        states[at] = state;
      };
      render();
      return {
        moved: (done, newTotal = state.total) => change({ done, total: newTotal, waiting: undefined }),
        waiting(what) {
          if (what === state.waiting) return;
          change({ waiting: what, since: now() });
          render();
        },
        end() {
          const at = states.indexOf(state);
          if (at >= 0) states.splice(at, 1);
          render();
        },
      };
    },
    above(write) {
      draw.clear();
      write();
      if (states.length > 0) render();
    },
    close() {
      stop();
      states.length = 0;
      draw.clear();
      draw.done();
    },
  };
}
