import { isNotFoundError } from '@mft-bridge/http-transport';
import type { CallOptions } from '@mft-bridge/http-transport';
import { z } from 'zod';
import { checkInput, instant } from '../check-input';
import { sameMessageId } from '../message-id';
import type { MessageFilter } from '../operations/list-query';
import type { GatewayMessage } from '../schemas/message';

/**
 * Filters that the service does not have. **They work on this side**: the ids that the service lists are read one by
 * one, a call for each message, and what does not match is dropped.
 */
export interface LocalFilter {
  /** Not older than this. A message without a time is never dropped for it. */
  readonly since?: Date | number | undefined;
  /** Older than this. */
  readonly until?: Date | number | undefined;
  /** Exact name of one of its attachments. Read from the message's storage paths, not by a call of its own. */
  readonly attachmentName?: string | undefined;
  /**
   * Default false: every listed message is read. True: the search ends after ten messages in a row beyond the range
   * of `since` (with `sort: 'desc'`) or `until` (with `asc`). That lists are sorted by this time is not documented.
   */
  readonly assumeSortedByTime?: boolean | undefined;
}

const LOCAL: ReadonlySet<string> = new Set<keyof LocalFilter>([
  'since',
  'until',
  'attachmentName',
  'assumeSortedByTime',
]);

/** The part of a search that the service is given. */
export function serverPart<Query extends object>(search: Query & LocalFilter): Query {
  return Object.fromEntries(Object.entries(search).filter(([name]) => !LOCAL.has(name))) as Query;
}

const localSchema = z.looseObject({
  since: instant.optional(),
  until: instant.optional(),
  attachmentName: z.string().min(1).optional(),
  assumeSortedByTime: z.boolean().optional(),
});

/** How many messages in a row beyond the range end a search that trusts the order. */
const BEYOND_IN_A_ROW = 10;

/** Everything that the matching looks at. */
export type SearchFilter = MessageFilter & LocalFilter & { readonly sort?: 'asc' | 'desc' | undefined };

/** Reads what `ids` lists, and gives what matches. The filters that the service was given are applied again. */
export async function* searchMessages<T extends GatewayMessage>(
  ids: AsyncIterable<string>,
  read: (id: string, options?: CallOptions) => Promise<T>,
  filter: SearchFilter,
  options?: CallOptions,
): AsyncGenerator<T> {
  // A date that is none compares as "not older": all of the inbox would be read, and be the result.
  checkInput('search', localSchema, filter);
  let beyond = 0;
  for await (const id of ids) {
    const message = await readUnlessGone(() => read(id, options));
    if (!message) continue;
    beyond = isBeyond(message, filter) ? beyond + 1 : 0;
    if (filter.assumeSortedByTime && beyond >= BEYOND_IN_A_ROW) return;
    if (matches(message, filter)) yield message;
  }
}

function isBeyond(
  { timestamp }: GatewayMessage,
  { since, until, sort = 'asc' }: LocalFilter & { sort?: 'asc' | 'desc' | undefined },
): boolean {
  if (timestamp === undefined) return false;
  return sort === 'desc'
    ? since !== undefined && timestamp < since.valueOf()
    : until !== undefined && timestamp >= until.valueOf();
}

/** Whether a message is what was asked for, as far as it tells. */
export function matches(message: GatewayMessage, filter: MessageFilter & LocalFilter): boolean {
  const { station, partner, id, subject, since, until, attachmentName } = filter;
  if (station !== undefined && message.station !== undefined && message.station !== station) return false;
  if (partner !== undefined && message.partner !== undefined && message.partner !== partner) return false;
  if (id !== undefined && !sameMessageId(message.id, id)) return false;
  if (subject !== undefined && !subjectMatches(message.subject, subject)) return false;
  if (attachmentName !== undefined && !message.attachmentNames.includes(attachmentName)) return false;
  if (message.timestamp === undefined) return true;
  if (since !== undefined && message.timestamp < since.valueOf()) return false;
  return until === undefined || message.timestamp < until.valueOf();
}

// Whether the service compares the whole subject, a part of it, or without case is not documented. So only what none
// of these would find is dropped: a message that the service simply did not filter.
function subjectMatches(subject: string | undefined, wanted: string): boolean {
  return subject?.toLowerCase().includes(wanted.toLowerCase()) ?? false;
}

async function readUnlessGone<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isNotFoundError(error)) return undefined;
    throw error;
  }
}
