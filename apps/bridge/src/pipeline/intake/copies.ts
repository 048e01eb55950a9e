import type { InboxMessage } from '@mft-bridge/as2-gateway-client';
import type { Message } from '../../domain/message';

/** The very copy that is in custody: same station, partner and time of receipt. */
export function isSameCopy(message: Message, copy: InboxMessage): boolean {
  return (
    message.station === copy.station &&
    message.partner === copy.partner &&
    copy.timestamp !== undefined &&
    message.gatewayTime === copy.timestamp
  );
}

/** What differs from the messages that came under this id before; null where there are none. Pure. */
export function describeConflict(
  known: readonly Message[],
  copy: { readonly station: string; readonly partner: string },
): string | null {
  const first = known[0];
  if (first === undefined) return null;
  const samePartner = known.some(
    ({ station, partner }) => station === copy.station && partner === copy.partner,
  );
  return samePartner ? `other content than message ${first.id}` : `another partner than message ${first.id}`;
}

/** Only observed, and its bytes are gone since: nothing is left that could be taken for real. Pure. */
export function isObservedAndGone({ mode, bytesRemoved, obligations }: Message): boolean {
  return mode === 'observe' && (bytesRemoved || obligations.length === 0);
}
