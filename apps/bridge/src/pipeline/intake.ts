import { CustodyFullError, CustodyPauseError } from '../custody/custody';
import { outagePrefix } from './breaker';
import type { Role } from '../ledger/membership';
import type { PipelineContext } from './context';
import { classifyFailure } from './failure';
import type { Round } from './intake/station-poll';
import { createStationPoll } from './intake/station-poll';
import { createIntakePressure, diskFull } from './intake/pressure';
import { loadSkippedIds } from './intake/skipped-ids';
import { createStartPage } from './intake/start-page';
import { createTaker } from './intake/taker';
import { createInboxWalk } from './intake/inbox-walk';
import { servesStation } from './intake/serves-station';
import { createWatermark } from './intake/watermark';
import { createInboxSweep } from './intake/inbox-sweep';

export interface Intake {
  /** One round over all stations. @returns whether another round may find more at once */
  poll(signal: AbortSignal): Promise<{ more: boolean }>;
  /** Looks at all messages, read or not, as far back as needed. @returns whether it came to its end */
  sweep(signal: AbortSignal): Promise<boolean>;
}

/**
 * Takes messages into custody. In mode enforce the poll asks for unread ones, and what is in custody is marked read. In
 * mode observe nothing is marked by us, and others mark: it asks for all, newest first, until nothing is new.
 */
export async function openIntake(context: PipelineContext): Promise<Intake> {
  const { ledger, custody, gateway, activity, settings, log, now } = context;
  const skipped = await loadSkippedIds({ ledger, settings });
  const pressure = createIntakePressure({ ledger, custody, settings });
  const startPage = createStartPage({ ledger, gateway, settings }, skipped);
  const taker = createTaker(context, skipped, pressure);
  const walk = createInboxWalk({ ledger, gateway, settings }, { taker, skipped, pressure });
  const watermark = createWatermark({ ledger, settings, now });
  const pollStation = createStationPoll(
    { gateway, settings },
    { taker, skipped, pressure, startPage, onFull: noteFull },
  );
  const wholePolls = new Map<string, number>();
  const sweepInbox = createInboxSweep(context, {
    taker,
    walk,
    pressure,
    watermark,
    wholePolls: (station) => wholePolls.get(station) ?? 0,
  });
  /** A deposit of this round found custody full or away: no other is begun in it. */
  let full = false;
  let isSweeping = false;
  const ranFull = (): boolean => full;

  async function poll(signal: AbortSignal): Promise<{ more: boolean }> {
    const wasFull = full;
    full = false;
    const ours = settings.stations.filter((station) => servesStation(context, station));
    // A share that is away at this bridge may be there at another one.
    const reason = await pressure.look().catch((error: unknown) => {
      if (!signal.aborted) noteUnserved(ours, classifyFailure(error).why);
      throw error;
    });
    if (reason !== null) {
      if (reason === diskFull) noteUnserved(ours, reason);
      activity.pauseIntake(reason);
      return { more: false };
    }
    // After a deposit that did not fit intake counts as paused until a round has shown that all fits: not red and green by turns.
    if (!wasFull) activity.resumeIntake();
    if (ours.length === 0) {
      noteOthersWord();
      return { more: false };
    }
    const rounds: Round[] = [];
    for (const station of ours) {
      if (ranFull()) break;
      const round = await pollUnlessFull(station, signal).catch((error: unknown) => {
        if (!signal.aborted) noteUnserved(ours.slice(rounds.length), classifyFailure(error).why);
        throw error;
      });
      rounds.push(round);
      const isWhole = !round.more && round.stopped === null && !ranFull();
      if (isWhole) wholePolls.set(station, (wholePolls.get(station) ?? 0) + 1);
      if (!ranFull()) context.patience?.worked(roleOf(station));
    }
    if (ranFull()) noteUnserved(ours.slice(rounds.length - 1), 'custody takes nothing here');
    const stopped = rounds.flatMap((round) => round.stopped ?? [])[0];
    if (stopped !== undefined) activity.pauseIntake(stopped);
    else if (!ranFull()) activity.resumeIntake();
    activity.serviceUp('gateway');
    return { more: stopped === undefined && rounds.some(({ more }) => more) };
  }

  const roleOf = (station: string): Role => `intake:${station}`;

  /** Another bridge may serve them at once, so not while the sweep may be taking one of their messages here. */
  function noteUnserved(stations: readonly string[], why: string): void {
    if (isSweeping) return;
    for (const station of stations) context.patience?.failed(roleOf(station), why);
  }

  async function sweep(signal: AbortSignal): Promise<boolean> {
    isSweeping = true;
    try {
      return await sweepInbox(signal);
    } finally {
      isSweeping = false;
    }
  }

  /** Who polls nothing has no word of the gateway's own. */
  function noteOthersWord(): void {
    if (context.membership?.othersGoOn(outagePrefix('gateway')) === true) activity.serviceUp('gateway');
  }

  async function pollUnlessFull(station: string, signal: AbortSignal): Promise<Round> {
    try {
      return settings.mode === 'observe'
        ? await observeStation(station, signal)
        : await pollStation(station, signal);
    } catch (error) {
      if (!(error instanceof CustodyPauseError)) throw error;
      if (!ranFull()) noteFull(error);
      return { more: false, stopped: null };
    }
  }

  async function observeStation(station: string, signal: AbortSignal): Promise<Round> {
    const request = { station, since: settings.startFrom, source: 'poll', priority: 0 } as const;
    const { stopped } = await walk.back({ ...request, untilKnown: true, signal });
    return { more: false, stopped };
  }

  function noteFull(error: CustodyPauseError, id?: string): void {
    full = true;
    activity.pauseIntake(`${error instanceof CustodyFullError ? 'disk full' : 'custody'}: ${error.message}`);
    log.error(id === undefined ? {} : { gatewayMessageId: id }, `intake paused: ${error.message}`);
  }

  return { poll, sweep };
}
