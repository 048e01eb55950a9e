import type { EventHub } from './event-hub';
import type { HeaderMap } from './redaction';
import { scrub } from './redaction';
import type { DeprecationEvent } from './transport-events';

/**
 * What was warned of: one warning per operation and process for what servers say, however many clients there are and
 * in whichever header it comes, and one for each sentence of our own table, which may name several fields of a call.
 */
const warned = new Set<string>();

/** What the headers of an answer say about the end of a call (RFC 9745, RFC 8594, RFC 9111 warn-code 299, RFC 8288). */
export function deprecationOf(
  headers: HeaderMap,
  secrets: () => readonly string[] = () => [],
): Omit<DeprecationEvent, 'operation'> | undefined {
  const sunset = headers['sunset'] === undefined ? undefined : scrub(headers['sunset'], secrets(), 64);
  const rest = sunset === undefined ? {} : { sunset };
  const deprecation = headers['deprecation'];
  if (deprecation !== undefined && !/^(false|0|\?0)$/i.test(deprecation.trim())) {
    const date = /^@(\d{1,11})$/.exec(deprecation.trim())?.[1];
    const since =
      date === undefined ? '' : ` since ${new Date(Number(date) * 1000).toISOString().slice(0, 10)}`;
    return { source: 'deprecation', notice: `The server declares this call deprecated${since}.`, ...rest };
  }
  if (sunset !== undefined) {
    return { source: 'sunset', notice: 'The server announces the end of this call.', sunset };
  }
  const warning = /(?:^|,)\s*299\s+\S+\s+"((?:[^"\\]|\\.)*)"/.exec(headers['warning'] ?? '')?.[1];
  if (warning !== undefined) {
    return {
      source: 'warning',
      notice: `The server warns: ${scrub(warning.replace(/\\(.)/g, '$1'), secrets(), 200)}`,
    };
  }
  const relation = /;\s*rel="?(?:[^";,]*\s)?(deprecation|successor-version)\b/i.exec(
    headers['link'] ?? '',
  )?.[1];
  if (relation !== undefined) {
    return { source: 'link', notice: `The server links to a ${relation.toLowerCase()} page for this call.` };
  }
  return undefined;
}

/** Raises a notice once (see `warned`): as an event, and as a process warning where nobody listens. */
export function noteDeprecation(hub: EventHub, event: DeprecationEvent): void {
  const key = `${event.operation}\n${event.source === 'table' ? event.notice : ''}`;
  if (warned.has(key)) return;
  warned.add(key);
  if (hub.emit('deprecation', event) > 0) return;
  const until = event.sunset === undefined ? '' : ` It may stop to work after ${event.sunset}.`;
  process.emitWarning(`${event.operation}: ${event.notice}${until}`, {
    type: 'DeprecationWarning',
    code: 'MFT_BRIDGE_DEPRECATION',
  });
}

/** For tests, which share one process. */
export function forgetDeprecations(): void {
  warned.clear();
}
