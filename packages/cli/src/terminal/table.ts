import type { Output } from '../context';
import { cutToWidth, terminalText, terminalWidth } from './terminal-text';

/** The narrowest that the last column gets on a terminal. */
const NARROWEST = 16;

/**
 * Lines of a table, header first. Cells may hold anything: they are made safe here. Where `width` is given (a terminal), the last
 * column is cut to fit; a pipe gets all of it. Pure.
 *
 * @example
 * tableLines(['ID', 'STATE'], [['3f2a', 'held']]); // ['ID    STATE', '3f2a  held']
 */
export function tableLines(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  width?: number,
): string[] {
  const cells = [header, ...rows].map((row) => row.map(terminalText));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => terminalWidth(row[column] ?? ''))));
  const before = widths.slice(0, -1).reduce((sum, used) => sum + used + 2, 0);
  const room = width === undefined ? Infinity : Math.max(NARROWEST, width - before);
  return cells.map((row) =>
    row
      .map((cell, column) => {
        if (column === header.length - 1) return cutToWidth(cell, room);
        return cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - terminalWidth(cell)));
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Writes a table, or the sentence `empty` where there is nothing to list. */
export function writeTable(
  output: Output,
  header: readonly string[],
  rows: readonly (readonly string[])[],
  empty: string,
): void {
  const width = output.isTTY === true && output.columns !== undefined ? output.columns : undefined;
  output.write(rows.length === 0 ? `${empty}\n` : `${tableLines(header, rows, width).join('\n')}\n`);
}
