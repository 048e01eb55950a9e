import type { Message, Mode } from '../../domain/message';
import { isSettled, messageState } from '../../domain/message';
import type { MessageEvent } from '../../domain/message-event';
import { stages } from '../../domain/message-event';
import type { StoredMessage } from '../aggregate-read';
import type { ChainHead } from '../chain';
import { verifyChain } from '../chain';
import type { DueWork, TimelineEntry } from '../ledger';
import { checkArchived, checkHistory } from './check-history';
import { checkPlaces } from './check-places';
import type { Finding } from './finding';
import { finding } from './finding';

/** All that the ledger has about one message, of one snapshot. */
export interface MessageRecord extends StoredMessage {
  readonly settledAt: number | null;
  readonly head: ChainHead;
  /** Undefined where an event is no JSON any more. */
  readonly timeline: readonly TimelineEntry[] | undefined;
}

const modes: readonly Mode[] = ['enforce', 'observe'];

/** What a message is held against beside itself. */
export interface MessageFacts {
  /** Epoch ms. */
  readonly now: number;
  /** After how many ms work of a stage is overdue; stages that are not named have no deadline. */
  readonly deadlines: Readonly<Partial<Record<DueWork['kind'], number>>>;
}

/** Work that is overdue is ended when it is next looked at: by a bridge that runs, within this time. */
const lookedAtMs = 3_600_000;

/** What does not hold about a message. Pure. */
export function checkMessage(record: MessageRecord, facts: MessageFacts): Finding[] {
  const { message, state, timeline } = record;
  const problems: [Finding['check'], string][] = [];
  const derived = messageState(message);
  if (state !== derived) problems.push(['state', `the row says ${state}, its obligations say ${derived}`]);
  if ((record.settledAt !== null) !== isSettled(message)) {
    problems.push([
      'state',
      `settled is noted ${record.settledAt === null ? 'nowhere' : 'though it is in work'}`,
    ]);
  }
  if (!modes.includes(message.mode)) problems.push(['state', `its mode is "${message.mode}", which is none`]);
  const { settledAt } = record;
  if (settledAt !== null && timeline !== undefined && !timeline.some(({ at }) => at === settledAt))
    problems.push(['state', 'settled is noted at a time at which nothing happened to it']);
  if (timeline === undefined) problems.push(['audit', 'an event is no JSON any more']);
  else {
    const report = verifyChain(message.id, timeline, record.head);
    if (!report.whole) problems.push(['audit', report.problem]);
    else {
      const events = timeline.map(({ event }) => event);
      const isArchived = derived === 'archived';
      const history = isArchived ? checkArchived(message, events) : checkHistory(message, events);
      problems.push(...history.map((text) => ['history', text] as const satisfies [string, string]));
      // What was archived has no parts left that could be compared.
      const evidence = isArchived ? [] : checkEvidence(message, events);
      problems.push(...evidence.map((text) => ['evidence', text] as const satisfies [string, string]));
    }
  }
  problems.push(...checkPlaces(message).map((text) => ['place', text] as const satisfies [string, string]));
  problems.push(...checkWork(record).map((text) => ['work', text] as const satisfies [string, string]));
  problems.push(
    ...checkTimes(record, facts).map((text) => ['work', text] as const satisfies [string, string]),
  );
  return problems.map(([check, problem]) => finding(check, message.id, problem));
}

/** By the events, since a later replay begins the evidence anew while what was delivered before stays delivered. */
function checkEvidence({ obligations, attachments }: Message, events: readonly MessageEvent[]): string[] {
  return obligations
    .filter(({ place }) => place === 'delivered')
    .flatMap(({ id, attachmentId }) => {
      const attachment = attachments.find((candidate) => candidate.id === attachmentId);
      const isCleared = events.some(
        (event) =>
          event.type === 'weighed' &&
          event.attachmentId === attachmentId &&
          event.evidence.bytes !== null &&
          ((event.evidence.conclusion === 'cleared' && event.evidence.bytes.sha256 === attachment?.sha256) ||
            (event.evidence.conclusion === 'cleared-sanitized' &&
              event.evidence.bytes.sha256 === event.sanitized?.sha256)),
      );
      return isCleared ? [] : [`obligation ${id} is delivered, and nothing cleared these bytes`];
    });
}

/** What is owed has work that is due: else nobody would ever look at it again, and no deadline end it. */
function checkWork({ message, state, waiting }: MessageRecord): string[] {
  const has = (subject: string, ...kinds: readonly DueWork['kind'][]): boolean =>
    waiting.some((work) => work.subject === subject && kinds.includes(work.kind));
  const owed = message.obligations.filter(({ place }) => place === 'custody');
  const problems: string[] = [];
  if (state === 'scanning') {
    const attachments = new Set(owed.map(({ attachmentId }) => attachmentId));
    for (const { id, scan } of message.attachments) {
      if (attachments.has(id) && scan.evidence === null && !has(id, 'scan'))
        problems.push(`attachment ${id} waits for its scan, and no work is due for it`);
    }
  }
  if (state === 'deciding' && !has(message.id, 'decide'))
    problems.push('it waits for a decision, and no work is due for it');
  for (const id of new Set(owed.flatMap(({ deliveryId }) => deliveryId ?? []))) {
    if (!has(id, 'deliver', 'confirm', 'reconcile'))
      problems.push(`delivery ${id} is under way, and no work is due for it`);
  }
  for (const { kind, subject } of waiting.filter((work) => !stages.includes(work.kind)))
    problems.push(`work "${kind}" is due for ${subject}, which no bridge knows how to do`);
  const subjects = new Set([
    message.id,
    ...message.attachments.map(({ id }) => id),
    ...message.deliveries.map(({ id }) => id),
  ]);
  for (const { kind, subject } of waiting) {
    if (kind !== 'command' && !subjects.has(subject))
      problems.push(`work "${kind}" is due for ${subject}, which is no part of it`);
  }
  return problems;
}

/** Nothing waits for ever: past its deadline it was to come to a place where people see it. */
function checkTimes({ waiting }: MessageRecord, { now, deadlines }: MessageFacts): string[] {
  return waiting.flatMap(({ kind, subject, since }) => {
    const deadlineMs = deadlines[kind];
    if (deadlineMs === undefined || now <= since + deadlineMs + lookedAtMs) return [];
    const end = new Date(since + deadlineMs).toISOString();
    return [`work "${kind}" of ${subject} was to be ended by ${end}: no bridge has run since, or it hangs`];
  });
}
