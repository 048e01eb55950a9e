import { createLogUpdate } from 'log-update';
import type { Row } from './rows';
import { drawTable } from './table';

export interface LiveView {
  show(rows: readonly Row[], footer: string): void;
  /** Leaves the last picture where it is and writes below it. */
  end(): void;
}

/** A table that updates in place on a terminal; elsewhere one plain line for each change. */
export function createLiveView(stream: NodeJS.WriteStream): LiveView {
  return stream.isTTY ? inPlace(stream) : lineByLine(stream);
}

function inPlace(stream: NodeJS.WriteStream): LiveView {
  const draw = createLogUpdate(stream, { showCursor: true });
  return {
    show: (rows, footer) => draw([...drawTable(rows, stream.columns), '', footer].join('\n')),
    end: () => draw.done(),
  };
}

function lineByLine(stream: NodeJS.WriteStream): LiveView {
  const shown = new Map<number, string>();
  return {
    show(rows) {
      for (const [position, row] of rows.entries()) {
        const line = `${row.title}: ${row.status}${row.detail === '' ? '' : ` (${row.detail})`}`;
        if (row.status === 'not sent' || shown.get(position) === line) continue;
        shown.set(position, line);
        stream.write(`${line}\n`);
      }
    },
    end: () => undefined,
  };
}
