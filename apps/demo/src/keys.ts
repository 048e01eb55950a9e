import { createInterface } from 'node:readline/promises';

export interface Keys {
  close(): void;
}

export interface KeyHandlers {
  readonly onKey: (key: string) => void;
}

/** Reads single keys from a terminal. Ctrl-C comes as `q`. */
export function readKeys(input: NodeJS.ReadStream, { onKey }: KeyHandlers): Keys {
  const listener = (data: Buffer): void => {
    for (const key of data.toString('utf8')) onKey(key === '\u0003' ? 'q' : key.toLowerCase());
  };
  input.setRawMode(true);
  input.resume();
  input.on('data', listener);
  return {
    close() {
      input.off('data', listener);
      input.setRawMode(false);
      input.pause();
    },
  };
}

/** Asks for a line of text; single keys must not be read meanwhile. */
export async function askLine(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await reader.question(question)).trim();
  } finally {
    reader.close();
  }
}
