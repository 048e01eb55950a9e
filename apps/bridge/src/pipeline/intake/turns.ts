/** The place of one message in the list that it was found in. */
export interface Turn {
  /** Whose line it stands in; null where its route asks for no order. */
  standIn(line: string | null): void;
  /** Resolves when all that stand before it in the same line have ended. */
  come(): Promise<void>;
  /** It is written, or will not be in this round. */
  end(): void;
}

interface Place {
  readonly line: Promise<string | null>;
  readonly ended: Promise<void>;
}

/**
 * Turns for messages that are fetched at a time and must be written in the order of their list. They must be begun in
 * that order as well: each waits for earlier ones only, so nobody waits in a circle.
 */
export function createTurns(): { next(): Turn } {
  const places: Place[] = [];
  return {
    next() {
      const before = [...places];
      let own: string | null = null;
      let tellLine: (line: string | null) => void = () => undefined;
      let tellEnd: () => void = () => undefined;
      places.push({
        line: new Promise((resolve) => (tellLine = resolve)),
        ended: new Promise((resolve) => (tellEnd = resolve)),
      });
      return {
        standIn(line) {
          own = line;
          tellLine(line);
        },
        async come() {
          if (own === null) return;
          for (const { line, ended } of before) if ((await line) === own) await ended;
        },
        end() {
          // One that failed before anybody knew whose it is stands in no line.
          tellLine(own);
          tellEnd();
        },
      };
    },
  };
}
