import { isNotFoundError } from '@mft-bridge/http-transport';
import type { Run } from '../run-command';
import { sentenceOf } from '../run-command';
import { terminalText } from '../terminal/terminal-text';

/** What a probe left at the server, and how it goes away again. */
export interface UndoList {
  /** @param what for the sentence that says that it stayed */
  add(what: string, undo: () => Promise<unknown>): void;
  /** Undoes all, the newest first, also after Ctrl-C; says what stayed. */
  runAll(): Promise<void>;
}

export function createUndoList(run: Run): UndoList {
  const list: { what: string; undo: () => Promise<unknown> }[] = [];
  return {
    add: (what, undo) => void list.push({ what, undo }),
    async runAll() {
      for (const { what, undo } of list.splice(0).reverse()) {
        try {
          await undo();
        } catch (error) {
          // Gone already.
          if (isNotFoundError(error)) continue;
          const sentence = run.secrets.removeFrom(sentenceOf(error));
          run.stderr.write(`Not cleaned up: ${terminalText(what)}. ${terminalText(sentence)}\n`);
        }
      }
    },
  };
}
