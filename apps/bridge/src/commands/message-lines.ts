import { formatByteSize } from '../config/byte-size';
import type { MessageDetail } from '../web/message-detail';
import { eventText, shortId } from './event-text';
import { formatInstant, formatTable } from './table';
import { terminalText } from './terminal-text';

/** A message in full, for people. Pure. */
export function messageLines(message: MessageDetail, width?: number): string[] {
  const options = { indent: '  ', ...(width === undefined ? {} : { width }) };
  const table = (title: string, header: string[], rows: string[][]): string[] =>
    rows.length === 0 ? [] : ['', title, ...formatTable(header, rows, options)];
  const facts = [
    ['state', message.state],
    ['gateway id', message.gatewayMessageId],
    ['from', `${message.partner} to station ${message.station}`],
    ['subject', message.subject ?? '(none)'],
    ['received', message.receivedAt === null ? '(unknown)' : formatInstant(message.receivedAt)],
    [
      'in custody',
      `${formatInstant(message.takenAt)}, ${message.acknowledged ? 'marked read' : 'not marked read yet'} at the gateway`,
    ],
    ['route', message.route ?? '(none)'],
    ['policy', message.policyVersion ?? '(not decided yet)'],
    ...(message.resends === 0 ? [] : [['sent again', `${String(message.resends)} times, forwarded once`]]),
    ...message.reasons.map(({ text }) => ['why', text]),
    ...(message.waiting === undefined
      ? []
      : [['waiting', `${message.waiting.why}; next try ${formatInstant(message.waiting.dueAt)}`]]),
  ];
  return [
    `message ${terminalText(message.id)}`,
    ...formatTable(['', ''], facts, options).slice(1),
    ...table(
      'attachments',
      ['ID', 'VERDICT', 'SIZE', 'KIND', 'SHA256', 'NAME'],
      message.attachments.map(({ id, verdict, size, media, sha256, name }) => [
        shortId(id),
        verdict ?? 'not yet',
        formatByteSize(size),
        media,
        sha256,
        name,
      ]),
    ),
    ...table(
      'obligations',
      ['ATTACHMENT', 'PLACE', 'DELIVERY', 'DESTINATION'],
      message.obligations.map(({ attachmentId, place, deliveryId, destination }) => [
        attachmentId === null ? '(message)' : shortId(attachmentId),
        place,
        deliveryId === null ? '-' : shortId(deliveryId),
        destination ?? '(none)',
      ]),
    ),
    ...table(
      'deliveries',
      ['ID', 'STATE', 'DESTINATION', 'PROOF'],
      message.deliveries.map(({ id, state, destination, proof, remoteId }) => [
        shortId(id),
        state,
        destination,
        proof ?? (remoteId === null ? '-' : `not yet (${remoteId})`),
      ]),
    ),
    ...table(
      'work',
      ['STAGE', 'DUE', 'FAILED TRIES', 'WHY'],
      message.work.map(({ stage, dueAt, attempts, why }) => [
        stage,
        formatInstant(dueAt),
        String(attempts),
        why ?? 'its turn comes',
      ]),
    ),
    ...table(
      'timeline',
      ['TIME', 'EVENT', ''],
      message.timeline.map(({ at, event }) => [new Date(at).toISOString(), event.type, eventText(event)]),
    ),
  ];
}
