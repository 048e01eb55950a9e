import { cutToWidth, terminalText, terminalWidth } from './terminal-text';

/** The narrowest that the last column gets on a terminal. */
const narrowest = 16;

/**
 * Lines of a table, header first. Cells may hold anything: they are made safe here. Where `width` is given (a
 * terminal), the last column is cut to fit; a pipe gets all of it. Pure.
 *
 * @example
 * formatTable(['ID', 'STATE'], [['3f2a', 'held']]); // ['ID    STATE', '3f2a  held']
 */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { width, indent = '' }: { readonly width?: number; readonly indent?: string } = {},
): string[] {
  const cells = [header, ...rows].map((row) => row.map(terminalText));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => terminalWidth(row[column] ?? ''))));
  const before = widths.slice(0, -1).reduce((sum, used) => sum + used + 2, indent.length);
  const room = width === undefined ? Infinity : Math.max(narrowest, width - before);
  return cells.map((row) => {
    const padded = row.map((cell, column) => {
      if (column === header.length - 1) return cutToWidth(cell, room);
      return cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - terminalWidth(cell)));
    });
    return (indent + padded.join('  ')).trimEnd();
  });
}

/** `2026-01-31 08:00:00Z`. Pure. */
export function formatInstant(ms: number): string {
  return new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}
