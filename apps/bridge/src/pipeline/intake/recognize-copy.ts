import type { InboxMessage } from '@mft-bridge/as2-gateway-client';
import { enforcementReasons } from '../../domain/admission';
import type { Message } from '../../domain/message';
import type { MessageEvent } from '../../domain/message-event';
import type { Reason } from '../../domain/reason';
import { reason } from '../../domain/reason';
import { findRoute } from '../../domain/route';
import type { PipelineContext } from '../context';
import { describeConflict, isSameCopy } from './copies';
import { record } from '../record';

export interface RecognizedFacts {
  /** All messages that were ever taken under this id, oldest first. */
  readonly known: readonly Message[];
  /** Received before the ledger was restored from a backup. */
  readonly isBeforeRestore: boolean;
  /** It stood in the list of unread messages. */
  readonly isListedUnread: boolean;
}

/**
 * Notes that the gateway shows a message that is in custody: the very copy, or another one with the same content.
 * What was only observed and still stands unread after the cut-over is taken for real.
 */
export async function recognizeCopy(
  context: PipelineContext,
  message: Message,
  copy: InboxMessage,
  facts: RecognizedFacts,
): Promise<void> {
  const isSame = isSameCopy(message, copy);
  const isUnread = facts.isListedUnread ? copy.read !== true : copy.read === false;
  const resent: readonly MessageEvent[] = [{ type: 'resent', gatewayTime: copy.timestamp ?? null }];
  const note = (events: readonly MessageEvent[]): Promise<Message> =>
    record(context, message.id, () => events);

  if (context.settings.mode === 'observe') {
    if (!isSame) await note(resent);
  } else if (message.mode === 'observe') {
    if (isUnread) {
      const enforced = enforcing(context, message, isSame, facts);
      await record(context, message.id, (now) =>
        now.mode === 'observe' ? [...(isSame ? [] : resent), ...enforced] : [],
      );
    } else if (!isSame) await note(resent);
  } else if (!isSame || (message.acknowledged && facts.isListedUnread && isUnread)) {
    // Its acknowledgement is due, or was made since the list was read, or was undone by somebody: only then again.
    await note(resent);
  }
}

function enforcing(
  { routes, destinations, newId }: PipelineContext,
  message: Message,
  isSame: boolean,
  { known, isBeforeRestore }: RecognizedFacts,
): readonly MessageEvent[] {
  const route = findRoute(routes, message.station, message.partner);
  const earlier = known.slice(
    0,
    known.findIndex(({ id }) => id === message.id),
  );
  const reasons: Reason[] = enforcementReasons(message, {
    route,
    destinations: (route?.destinations ?? []).flatMap((name) => destinations.get(name) ?? []),
    conflict: describeConflict(earlier, message),
  });
  if (isBeforeRestore) reasons.push(reason('after-restore'));
  if (!isSame && route?.readElsewhere !== 'take') {
    const why = 'an earlier copy of it was observed only: whoever read the inbox then may have had it';
    reasons.push(reason('read-elsewhere', why));
  }
  const groupIds = Object.fromEntries(message.attachments.map(({ id }) => [id, newId()]));
  return [
    { type: 'enforced', groupIds },
    ...(reasons.length === 0 ? [] : [{ type: 'refused', reasons } as const]),
  ];
}
