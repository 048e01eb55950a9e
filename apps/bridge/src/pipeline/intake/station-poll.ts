import { CustodyPauseError } from '../../custody/custody';
import type { PipelineContext } from '../context';
import { inParallel } from './in-parallel';
import type { Page, Pages } from './pages';
import { createPages, pageLength } from './pages';
import type { IntakePressure } from './pressure';
import type { SkippedIds } from './skipped-ids';
import type { StartPage } from './start-page';
import type { Taker } from './taker';
import { createTurns } from './turns';

/** What a round over one station came to. */
export interface Round {
  /** Another round may find more at once. */
  readonly more: boolean;
  /** Why it stopped: too much is in work. */
  readonly stopped: string | null;
}

interface PollParts {
  readonly taker: Taker;
  readonly skipped: SkippedIds;
  readonly pressure: IntakePressure;
  readonly startPage: StartPage;
  /** Told as soon as a message does not fit on the disk; no other is begun then. */
  readonly onFull: (error: CustodyPauseError, id: string) => void;
}

/**
 * Takes unread messages of a station, oldest first. A message is marked read only after bytes and row are durable, so
 * each round starts at the beginning again and walks further pages only while a page holds nothing but known ids.
 * @throws CustodyPauseError, and errors that are about the gateway as a whole
 */
export function createStationPoll(
  { gateway, settings }: Pick<PipelineContext, 'gateway' | 'settings'>,
  { taker, skipped, pressure, startPage, onFull }: PollParts,
): (station: string, signal: AbortSignal) => Promise<Round> {
  async function takePage(
    { ids }: Page,
    signal: AbortSignal,
  ): Promise<{ taken: number } & Pick<Round, 'stopped'>> {
    const turns = createTurns();
    const result: { taken: number; stopped: string | null } = { taken: 0, stopped: null };
    const ours = ids.filter((id) => !skipped.has(id));
    await inParallel(ours, settings.intakeConcurrency, async (id) => {
      const turn = turns.next();
      result.stopped ??= await pressure.lookAgain();
      if (result.stopped !== null || signal.aborted) {
        turn.end();
        return;
      }
      try {
        const { outcome } = await taker.take(id, { source: 'poll', turn, signal });
        if (outcome === 'taken') result.taken += 1;
      } catch (error) {
        if (error instanceof CustodyPauseError) onFull(error, id);
        throw error;
      }
    });
    signal.throwIfAborted();
    return result;
  }

  /** The first page to look at; null where the list moves too fast: the next round tries again. */
  async function begin(
    station: string,
    read: (offset: number) => Promise<Page>,
    signal: AbortSignal,
  ): Promise<{ pages: Pages; page: Page } | null> {
    for (let times = 0; times < 2; times += 1) {
      const from = await startPage.of(station, read, signal);
      const pages = createPages(read, from);
      const page = await pages.next();
      if (from === 0 || startPage.isWhollyOlder(page)) return { pages, page };
      // Older ones were marked read or deleted, and the others moved up.
      startPage.forget(station);
    }
    return null;
  }

  return async (station, signal) => {
    const read = (page: number): Promise<Page> =>
      gateway.inbox.list(
        { station, page, pageLength, sort: 'asc', unreadOnly: true },
        { signal, priority: 0 },
      );
    const begun = await begin(station, read, signal);
    if (begun === null) return { more: false, stopped: null };
    const { pages } = begun;
    let { page } = begun;
    const seen = new Set<string>();
    // A gateway that gives the same page for ever must not keep the round from its end.
    for (; page.ids.some((id) => !seen.has(id)); page = await pages.next()) {
      for (const id of page.ids) seen.add(id);
      if (!startPage.isWhollyOlder(page)) {
        const { taken, stopped } = await takePage(page, signal);
        if (stopped !== null) return { more: false, stopped };
        if (taken > 0) return { more: page.received >= pageLength, stopped };
        if (page.received < pageLength) return { more: false, stopped };
      }
    }
    return { more: false, stopped: null };
  };
}
