import { humanBytes, humanSpan } from './human';
import { cutToWidth, terminalText, terminalWidth } from './terminal-text';

/** What is known of one transfer. */
export interface TransferState {
  readonly name: string;
  /** Bytes so far. */
  readonly done: number;
  /** Bytes in all; undefined where nobody knows. */
  readonly total: number | undefined;
  /** Said while something other than bytes is waited for, such as `scanning`. */
  readonly waiting: string | undefined;
  /** Epoch ms: when the transfer, or the waiting, began. */
  readonly since: number;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const FRAME_MS = 80;
const BAR = 20;
const LONGEST_NAME = 32;

/** The spinner's picture at this moment. Pure. */
export function spinnerFrame(now: number): string {
  return SPINNER[Math.floor(now / FRAME_MS) % SPINNER.length] ?? '-';
}

/**
 * One line about a transfer, at most `columns` wide: a bar while bytes move, a spinner while something is waited for. Pure.
 *
 * @example
 * progressLine({ name: 'a.pdf', done: 50, total: 100, waiting: undefined, since: 0 }, 80, 1_000);
 * // 'a.pdf  ██████████░░░░░░░░░░   50%  50 B of 100 B  50 B/s'
 */
export function progressLine(state: TransferState, columns: number, now: number): string {
  const name = cutToWidth(terminalText(state.name), LONGEST_NAME);
  const padded = name + ' '.repeat(Math.max(0, Math.min(LONGEST_NAME, 12) - terminalWidth(name)));
  const elapsed = Math.max(0, now - state.since);
  if (state.waiting !== undefined)
    return cutToWidth(
      `${spinnerFrame(now)} ${padded}  ${terminalText(state.waiting)} ${humanSpan(elapsed)}`,
      columns,
    );
  const rate = elapsed < 500 ? '' : `  ${humanBytes((state.done / elapsed) * 1000)}/s`;
  const { total } = state;
  if (total === undefined)
    return cutToWidth(`${spinnerFrame(now)} ${padded}  ${humanBytes(state.done)}${rate}`, columns);
  const share = total === 0 ? 1 : Math.min(1, state.done / total);
  const filled = Math.floor(share * BAR);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled);
  const percent = `${String(Math.floor(share * 100)).padStart(3)}%`;
  return cutToWidth(
    `${padded}  ${bar}  ${percent}  ${humanBytes(state.done)} of ${humanBytes(total)}${rate}`,
    columns,
  );
}
