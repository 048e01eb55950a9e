import { isAboutGateway } from './note-failure';
import type { PipelineContext } from '../context';
import type { Page } from './pages';
import { pageLength } from './pages';
import type { SkippedIds } from './skipped-ids';

/** No inbox is so large: the gateway gives the same page for every offset. */
const mostOffset = 2 ** 24;

/** Where the list of unread messages, oldest first, begins to be ours. */
export interface StartPage {
  /**
   * An offset to begin at: its page is wholly older than `intake.startFrom` (see `isWhollyOlder`), or it is the first
   * one. Sought once, in about twice as many requests as the number of pages has binary digits.
   */
  of(station: string, read: (offset: number) => Promise<Page>, signal: AbortSignal): Promise<number>;
  /** Whether nothing on it is ours: the list goes by time, so its last message tells. */
  isWhollyOlder(page: Page): boolean;
  /** The list is not what it was: sought anew the next time. */
  forget(station: string): void;
}

/**
 * Who has never worked with the API has all messages of all time unread in it. To ask for each of them, and to list them
 * in every round, would use up the requests that the gateway grants.
 */
export function createStartPage(
  { ledger, gateway, settings }: Pick<PipelineContext, 'ledger' | 'gateway' | 'settings'>,
  skipped: SkippedIds,
): StartPage {
  const offsets = new Map<string, number>();

  /** The last offset whose page is wholly older; 0 where none is. */
  async function seek(isOlderAt: (offset: number) => Promise<boolean>): Promise<number> {
    if (!(await isOlderAt(0))) return 0;
    let [older, younger] = [0, 1];
    while (younger < mostOffset && (await isOlderAt(younger))) [older, younger] = [younger, younger * 2];
    while (younger - older > 1) {
      const middle = Math.floor((older + younger) / 2);
      if (await isOlderAt(middle)) older = middle;
      else younger = middle;
    }
    return older;
  }

  async function isOlder(id: string, signal: AbortSignal): Promise<boolean> {
    if (skipped.has(id)) return true;
    if ((await ledger.messages.findByGatewayId(id)).length > 0) return false;
    try {
      const { timestamp } = await gateway.inbox.get(id, { markAsRead: false, signal, priority: 0 });
      if (timestamp === undefined || timestamp >= settings.startFrom) return false;
      await skipped.add(id, timestamp);
      return true;
    } catch (error) {
      if (signal.aborted || isAboutGateway(error)) throw error;
      // Whatever is wrong with it is noted when it is taken.
      return false;
    }
  }

  return {
    async of(station, read, signal) {
      const known = offsets.get(station);
      if (known !== undefined) return known;
      const found = await seek(async (offset) => {
        const { ids, received } = await read(offset);
        const last = ids.at(-1);
        return last !== undefined && received >= pageLength && isOlder(last, signal);
      });
      offsets.set(station, found);
      return found;
    },
    isWhollyOlder: ({ ids, received }) => received >= pageLength && skipped.has(ids.at(-1) ?? ''),
    forget: (station) => void offsets.delete(station),
  };
}
