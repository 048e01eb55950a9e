import type { Request } from 'express';
import type { Mailbox } from './mailbox';
import type { BoxName, GatewayMessage } from './message';
import type { Names } from './names';
import type { GatewayUndocumented } from './undocumented';
import { namedQuery, queryNumber, queryText, RefusedError } from './query';

/**
 * One page of a box, as ids (reference, section 6).
 *
 * General filters combine with anything. Any primary filter (partner, station) silently switches the secondary
 * ones off, and of those (identifier, subject) only the first works.
 */
export function listMessages(
  request: Request,
  box: BoxName,
  mailbox: Mailbox,
  names: Names,
  undocumented: Pick<GatewayUndocumented, 'pageOffset' | 'subjectMatch'>,
): readonly string[] {
  const length = queryNumber(request, 'pageLength', { least: 1, most: 100, otherwise: 10 });
  const page = queryNumber(request, 'pageOffset', { least: 0, most: Number.MAX_SAFE_INTEGER, otherwise: 0 });
  const direction = queryText(request, 'sortDir') ?? 'desc';
  if (direction !== 'asc' && direction !== 'desc')
    throw new RefusedError(400, 'Invalid value for query parameter: sortDir');
  if (names.generation !== 'v1' && queryText(request, 'service') === 'sftp') return [];

  const unreadOnly = box === 'inbox' && queryText(request, 'fetchAll') !== 'true';
  const partner = namedQuery(request, names, 'partner');
  const station = namedQuery(request, names, 'station');
  const primary = partner !== undefined || station !== undefined;
  const identifier = primary ? undefined : namedQuery(request, names, 'identifier');
  const subject = primary || identifier !== undefined ? undefined : queryText(request, 'subject');

  const wanted = (message: GatewayMessage): boolean =>
    (partner === undefined || message.partner === partner) &&
    (station === undefined || message.station === station) &&
    (subject === undefined ||
      (undocumented.subjectMatch === 'exact'
        ? message.subject === subject
        : (message.subject ?? '').includes(subject))) &&
    message.box === box &&
    !(unreadOnly && message.read);

  const all =
    identifier !== undefined
      ? mailbox.withId(box === 'inbox' ? 'inbox' : 'outbox', identifier)
      : unreadOnly
        ? mailbox.unread()
        : mailbox.inBox(box);

  const ids: string[] = [];
  // The unit is not documented; the vendor's sister product counts pages.
  let skip = undocumented.pageOffset === 'pages' ? page * length : page;
  for (const message of direction === 'asc' ? all : [...all].reverse()) {
    if (!wanted(message)) continue;
    if (skip > 0) skip -= 1;
    else if (ids.push(message.identifier) === length) break;
  }
  return ids;
}
