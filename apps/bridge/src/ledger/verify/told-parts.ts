import type { Attachment } from '../../domain/message';
import type { MessageEvent } from '../../domain/message-event';
import type { Obligation } from '../../domain/obligation';

/** Attachments in the place of those that retention took away, as far as the events of a message tell of them. Pure. */
export function toldAttachments(events: readonly MessageEvent[]): readonly Attachment[] {
  const ids = new Set(
    events.flatMap((event) => {
      if ('attachmentId' in event) return [event.attachmentId];
      if ('decisions' in event) return event.decisions.map(({ attachmentId }) => attachmentId);
      return 'groupIds' in event ? Object.keys(event.groupIds) : [];
    }),
  );
  const taken = events.find((event) => event.type === 'taken');
  // Of what was refused or given up before its scan nothing is told but how many there were.
  for (let index = 0; ids.size < (taken?.attachments ?? 0); index += 1) ids.add(`untold ${index}`);
  return [...ids].map((id, position) => ({
    id,
    position,
    name: '',
    contentType: null,
    media: 'other',
    size: 0,
    sha256: '',
    custodyKey: '',
    scan: {
      groupId: null,
      uploadName: '',
      fileId: null,
      uploaded: null,
      evidence: null,
      sanitized: null,
      disposed: false,
    },
  }));
}

/**
 * What was owed at first, as far as the events tell of it: enough to go through them once more, and no more. Which
 * obligation was about which of the attachments that went the same way is not told, and makes no difference to where they
 * end. What is owed after a replay is told by the replay. Pure.
 */
export function toldObligations(
  attachments: readonly Attachment[],
  events: readonly MessageEvent[],
  { quarantined = 'told' }: { quarantined?: 'told' | 'left out' } = {},
): readonly Obligation[] {
  const replay = events.findIndex(({ type }) => type === 'replayed');
  const first = replay < 0 ? events : events.slice(0, replay);
  const decided = first.find((event) => event.type === 'decided');
  const observed = first.find((event) => event.type === 'observed');
  const decisions = (decided ?? observed)?.decisions;
  if (decisions === undefined) {
    // Never decided: all of it went the same way.
    return attachments.length === 0
      ? [owed('untold', null)]
      : attachments.map(({ id }) => owed(`untold ${id}`, id));
  }
  const stayed = ({ verdict }: (typeof decisions)[number]): boolean =>
    decided === undefined || verdict === 'hold' || (verdict === 'quarantine' && quarantined === 'told');
  const sent = decisions.find(({ verdict }) => verdict.startsWith('forward'))?.attachmentId ?? null;
  const obligations = [
    ...decisions.filter(stayed).map(({ attachmentId: id }) => owed(`untold ${id}`, id)),
    ...(decided?.deliveries ?? []).flatMap(({ obligationIds }) => obligationIds.map((id) => owed(id, sent))),
  ];
  // Nothing that was owed would count as settled.
  return obligations.length === 0 && quarantined === 'told' ? [owed('untold', null)] : obligations;
}

const owed = (id: string, attachmentId: string | null): Obligation => ({
  id,
  attachmentId,
  destination: null,
  place: 'custody',
  reasons: [],
  deliveryId: null,
});
