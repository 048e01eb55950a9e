import type { PipelineContext } from '../context';
import { inParallel } from './in-parallel';
import type { ListedId } from './double-search';
import { createDoubleSearch } from './double-search';
import type { IntakePressure } from './pressure';
import type { Pages } from './pages';
import { createPages, pageLength } from './pages';
import type { SkippedIds } from './skipped-ids';
import type { Taker } from './taker';
import { createTurns } from './turns';

export interface WalkRequest {
  readonly station: string;
  /** Epoch ms: how far back. */
  readonly since: number;
  readonly source: 'poll' | 'sweep';
  readonly priority: number;
  /** Ends at the first page on which nothing is new, before `since` is reached. */
  readonly untilKnown: boolean;
  readonly signal: AbortSignal;
}

/** Goes through all messages of a station, read or not, from the newest back, and takes what the ledger does not know. */
export interface InboxWalk {
  /** @throws CustodyPauseError and errors about the gateway as a whole */
  back(request: WalkRequest): Promise<Walked>;
}

interface Walked {
  /** Why it ended early; null where it came to its end. */
  readonly stopped: string | null;
  /** What stood unread and is not known: the poll's. */
  readonly left: readonly string[];
}

export function createInboxWalk(
  { ledger, gateway, settings }: Pick<PipelineContext, 'ledger' | 'gateway' | 'settings'>,
  { taker, skipped, pressure }: { taker: Taker; skipped: SkippedIds; pressure: IntakePressure },
): InboxWalk {
  /** Few ids have doubles that nobody can explain; each sweep must not ask for them anew. */
  const looked = new Map<string, number>();

  async function back(request: WalkRequest): Promise<Walked> {
    const { since, signal } = request;
    const seen = new Set<string>();
    const doubles = createDoubleSearch(looked);
    const all = list(request, false);
    const unread = unreadAlongside(request);
    const left: string[] = [];
    for (;;) {
      const { ids, received } = await all.next();
      const isUnread = await unread.readOn();
      const entries: ListedId[] = [];
      for (const id of ids) if (!skipped.has(id)) entries.push(await lookUp(id));
      const unknown = entries.filter(({ known }) => known.length === 0).map(({ id }) => id);
      left.push(...unknown.filter((id) => isUnread.has(id)));
      const wanted = new Set([
        ...unknown.filter((id) => !isUnread.has(id)),
        ...doubles.suspects(entries, received - (ids.length - entries.length)),
      ]);
      // What is older than `startFrom` is older than anything that is looked for.
      const times = [
        ...entries.flatMap(({ time }) => time ?? []),
        ...ids.flatMap((id) => (skipped.has(id) ? -Infinity : [])),
      ];
      // Oldest first, so that what is taken together is taken in order.
      const order = ids.filter((id) => wanted.has(id)).reverse();
      const stopped = await takeAll(order, request, (time) => times.push(time));
      if (stopped !== null) return { stopped, left };
      signal.throwIfAborted();
      const isNew = ids.some((id) => !seen.has(id));
      for (const id of ids) seen.add(id);
      const isPast = times.length > 0 && times.every((time) => time < since);
      if (received < pageLength || !isNew || isPast || (request.untilKnown && unknown.length === 0))
        return { stopped: null, left };
    }
  }

  async function takeAll(
    ids: readonly string[],
    { source, signal }: WalkRequest,
    learned: (time: number) => void,
  ): Promise<string | null> {
    const turns = createTurns();
    let stopped: string | null = null;
    await inParallel(ids, settings.intakeConcurrency, async (id) => {
      const turn = turns.next();
      stopped ??= await pressure.lookAgain();
      if (stopped !== null || signal.aborted) {
        turn.end();
        return;
      }
      const { time } = await taker.take(id, { source, turn, signal });
      if (time !== null) learned(time);
    });
    return stopped;
  }

  async function lookUp(id: string): Promise<ListedId> {
    const known = await ledger.messages.findByGatewayId(id);
    const times = known.flatMap(({ gatewayTime }) => gatewayTime ?? []);
    return { id, known, time: times.length === 0 ? null : Math.max(...times) };
  }

  /**
   * What stands unread is the poll's, and costs the sweep no request. Both lists are newest first, and one is a part of
   * the other: the first n of all messages hold nothing unread that is not among the first n unread ones.
   */
  function unreadAlongside(request: WalkRequest) {
    const pages = list(request, true);
    const ids = new Set<string>();
    let isWhole = settings.mode === 'observe';
    return {
      async readOn(): Promise<ReadonlySet<string>> {
        if (isWhole) return ids;
        const page = await pages.next();
        for (const id of page.ids) ids.add(id);
        isWhole = page.received < pageLength;
        return ids;
      },
    };
  }

  const list = ({ station, signal, priority }: WalkRequest, unreadOnly: boolean): Pages =>
    createPages((page) =>
      gateway.inbox.list({ station, page, pageLength, sort: 'desc', unreadOnly }, { signal, priority }),
    );

  return { back };
}
