import colors from 'picocolors';
import stringWidth from 'string-width';
import type { Row } from './rows';

const marks: Record<Row['status'], (text: string) => string> = {
  'not sent': colors.dim,
  'at the gateway': colors.dim,
  fetching: colors.cyan,
  taken: colors.cyan,
  scanning: colors.cyan,
  deciding: colors.cyan,
  delivering: colors.cyan,
  forwarded: colors.green,
  duplicate: colors.green,
  quarantined: colors.red,
  held: colors.yellow,
  other: colors.magenta,
};

const titleWidth = 33;
const statusWidth = 15;
const barWidth = 20;

/** The table as lines no wider than `width`. Pure but for the colours, which follow the terminal. */
export function drawTable(rows: readonly Row[], width: number): readonly string[] {
  const head = colors.bold(`${pad('the partner sends', titleWidth)} ${pad('is now', statusWidth)} why`);
  return [head, ...rows.map((row) => drawLine(row, width))];
}

function drawLine(row: Row, width: number): string {
  const wrong = row.final && row.expected !== null && row.expected !== row.status;
  const status = marks[row.status](pad(`${icon(row, wrong)} ${row.status}`, statusWidth));
  const room = Math.max(10, width - titleWidth - statusWidth - 2);
  const rest = row.progress === null ? colors.dim(fit(row.detail, room)) : bar(row.progress);
  return `${pad(fit(row.title, titleWidth), titleWidth)} ${status} ${rest}`;
}

function icon(row: Row, wrong: boolean): string {
  if (wrong) return '!';
  if (!row.final) return '·';
  return row.status === 'forwarded' || row.status === 'duplicate' ? '✔' : row.status === 'held' ? '‖' : '✘';
}

function bar(progress: number): string {
  const full = Math.round(progress * barWidth);
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${String(Math.round(progress * 100)).padStart(3)} %`;
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

/** Cut to `width` columns; names and reasons may hold wide characters and anything a partner wrote. */
export function fit(text: string, width: number): string {
  const clean = text.replaceAll(/\p{Cc}|\p{Cf}/gu, ' ');
  if (stringWidth(clean) <= width) return clean;
  let cut = '';
  for (const letter of clean) {
    if (stringWidth(`${cut}${letter}…`) > width) break;
    cut += letter;
  }
  return `${cut}…`;
}
