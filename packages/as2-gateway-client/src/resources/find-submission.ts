import { createHash } from 'node:crypto';
import { isApiError } from '@mft-bridge/http-transport';
import type { CallOptions } from '@mft-bridge/http-transport';
import { z } from 'zod';
import { checkInput, instant } from '../check-input';
import type { OutboxBox } from '../operations/outbox';
import type { OutboxMessage } from '../schemas/message';
import type { OutboxReader } from './outbox-reader';
import { walkPages } from './walk-pages';

/** What is known of a submit whose answer was lost. */
export interface SubmissionQuery {
  /** AS2 identifier of the station. */
  readonly from: string;
  /** AS2 identifier of the partner. */
  readonly to: string;
  /** As it was sent; absent: not compared. */
  readonly subject?: string | undefined;
  /** All names, in any order, as they were sent (see `SentMessage.attachmentNames`). */
  readonly attachmentNames: readonly string[];
  /**
   * SHA-256 (hex) of the attachments' content, in the order of the names. Given: the bytes of every candidate are
   * fetched and compared, and candidates whose bytes cannot be had are reported as not compared.
   */
  readonly sha256?: readonly string[] | undefined;
  /** Milliseconds since 1970: older messages are left out. Allow for clocks that differ by some minutes. */
  readonly since: number;
}

/** A message that may be the lost one. */
export interface FoundSubmission {
  /** AS2 message id. */
  readonly id: string;
  /** Where it was found. */
  readonly box: OutboxBox;
  /** What the service tells of it. */
  readonly message: OutboxMessage;
  /** Whether the bytes were compared, and are equal. False only where `sha256` was not given or files are gone. */
  readonly contentCompared: boolean;
}

/** What the search brought. */
export interface SubmissionSearch {
  /** Every message that fits; more than one may. */
  readonly found: readonly FoundSubmission[];
  /** False: not all messages since then could be looked at, so that an empty result proves nothing. Search again. */
  readonly complete: boolean;
}

// Queued first and sent last: a message moves in this direction, and one that moves while we look is still met.
const BOXES: readonly OutboxBox[] = ['queued', 'incomplete', 'failed', 'sent'];
const PAGE_LENGTH = 100;

// A hash of another form, or one too few, would never be found equal: "it was not sent", and so it is sent twice.
const querySchema = z
  .strictObject({
    from: z.string().min(1),
    to: z.string().min(1),
    subject: z.string().optional(),
    attachmentNames: z.array(z.string().min(1)).min(1),
    sha256: z.array(z.string().regex(/^[0-9a-f]{64}$/i, 'SHA-256 is 64 hexadecimal digits')).optional(),
    since: instant,
  })
  .refine(({ attachmentNames, sha256 }) => sha256 === undefined || sha256.length === attachmentNames.length, {
    path: ['sha256'],
    message: 'one for each attachment name is needed',
  });
/** A bound against a list without end: 2,000 messages in one box since the submit. */
const MAX_PAGES = 20;
/** What lists are sorted by is not documented; so one older message alone does not end the search. */
const OLDER_IN_A_ROW = 5;

/** Looks through all boxes. */
export async function findSubmission(
  outbox: OutboxReader,
  query: SubmissionQuery,
  options?: CallOptions,
): Promise<SubmissionSearch> {
  checkInput('outbox.findSubmission', querySchema, query);
  const found = new Map<string, FoundSubmission>();
  let complete = true;
  for (const box of BOXES) {
    const result = await searchBox(outbox, box, query, options);
    for (const candidate of result.found) found.set(candidate.id, candidate);
    complete &&= result.complete;
  }
  return { found: [...found.values()], complete };
}

// By station and partner, newest first, and never by subject: how the service compares subjects is not documented,
// and a filter that finds too little would look like "it was not sent".
async function searchBox(
  outbox: OutboxReader,
  box: OutboxBox,
  query: SubmissionQuery,
  options?: CallOptions,
): Promise<SubmissionSearch> {
  const found: FoundSubmission[] = [];
  let pages = 0;
  let older = 0;
  let unread = 0;
  const readPage = (page: number) => {
    pages += 1;
    const filter = { station: query.from, partner: query.to };
    return outbox.list({ box, ...filter, sort: 'desc', page, pageLength: PAGE_LENGTH }, options);
  };
  for await (const ids of walkPages(readPage, { pageLength: PAGE_LENGTH, maxPages: MAX_PAGES })) {
    for (const id of ids) {
      const message = await readUnlessGone(() => outbox.get(id, options));
      // Listed but not shown: just submitted (the first seconds), or the service does not show this box.
      if (!message) unread += 1;
      else if (message.timestamp !== undefined && message.timestamp < query.since) older += 1;
      else {
        older = 0;
        const candidate = await compare(outbox, { box, message }, query, options);
        if (candidate) found.push(candidate);
      }
      if (older >= OLDER_IN_A_ROW) return { found, complete: unread === 0 };
    }
  }
  return { found, complete: unread === 0 && pages < MAX_PAGES };
}

async function compare(
  outbox: OutboxReader,
  { box, message }: { box: OutboxBox; message: OutboxMessage },
  query: SubmissionQuery,
  options?: CallOptions,
): Promise<FoundSubmission | undefined> {
  if (message.station !== undefined && message.station !== query.from) return undefined;
  if (message.partner !== undefined && message.partner !== query.to) return undefined;
  if (query.subject !== undefined && message.subject !== undefined && message.subject !== query.subject)
    return undefined;

  const list = await readUnlessGone(() => outbox.attachments(message.id, options));
  const names = list ? list.attachments.map(({ name }) => name) : message.attachmentNames;
  if (list || names.length > 0) {
    if (!sameEntries(names, query.attachmentNames)) return undefined;
  }
  const candidate = { id: message.id, box, message };
  if (!query.sha256 || !list) return { ...candidate, contentCompared: false };

  const expected = query.attachmentNames.map(
    (name, index) => `${name}\n${query.sha256?.[index]?.toLowerCase() ?? ''}`,
  );
  const actual: string[] = [];
  for (const link of list.attachments) {
    const download = await readUnlessGone(() => outbox.openAttachment(link, options));
    if (!download) return { ...candidate, contentCompared: false };
    const hash = createHash('sha256');
    for await (const chunk of download.body as AsyncIterable<Buffer>) hash.update(chunk);
    actual.push(`${link.name}\n${hash.digest('hex')}`);
  }
  return sameEntries(actual, expected) ? { ...candidate, contentCompared: true } : undefined;
}

async function readUnlessGone<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    // 403 and 400 are what S3 answers for a file that is not to be had (any more).
    if (isApiError(error) && [400, 403, 404].includes(error.status)) return undefined;
    throw error;
  }
}

function sameEntries(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && [...left].sort().join('\0') === [...right].sort().join('\0');
}
