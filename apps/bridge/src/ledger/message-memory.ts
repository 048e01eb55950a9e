import type { Message } from '../domain/message';
import type { Change, Ledger } from './ledger';

/** Messages that are remembered at most: some KB each, and more than are in work at a time. */
const capacity = 1_000;

type Exact = Pick<Ledger, 'commit'> & Pick<Ledger['messages'], 'load'>;

export interface MessageMemory extends Exact {
  /** To be called where a message is changed by anything but `commit`. */
  readonly forget: (messageId: string) => void;
  readonly forgetAll: () => void;
}

/** For a ledger that others write as well: what was committed here says nothing about how it stands now. */
export function withoutMemory(exact: Exact): MessageMemory {
  return { ...exact, forget: () => undefined, forgetAll: () => undefined };
}

/**
 * Remembers messages as this process last committed them, so that the dozen steps of a message do not read all of
 * its rows a dozen times. Only for a ledger that has one writer: nobody else can make what is remembered untrue, and
 * if somebody did, the guard on the revision refuses the change and the message is read anew.
 */
export function rememberMessages({ commit, load }: Exact): MessageMemory {
  const known = new Map<string, Message>();

  function keep(message: Message): void {
    // Deleted first, so that the order is that of the last change and the first is the one not touched for longest.
    known.delete(message.id);
    known.set(message.id, message);
    if (known.size <= capacity) return;
    const [oldest] = known.keys();
    if (oldest !== undefined) known.delete(oldest);
  }

  return {
    async commit(change: Change) {
      try {
        await commit(change);
      } catch (error) {
        // Refused, or nobody knows whether it was written: the file alone can tell.
        known.delete(change.after.id);
        throw error;
      }
      keep(change.after);
    },
    forget: (id) => void known.delete(id),
    forgetAll: () => known.clear(),
    load: (id) => {
      const message = known.get(id);
      return message === undefined ? load(id) : Promise.resolve(message);
    },
  };
}
