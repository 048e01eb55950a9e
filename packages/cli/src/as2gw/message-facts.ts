import type { GatewayMessage } from '@mft-bridge/as2-gateway-client';
import { humanInstant } from '../terminal/human';

/** A message for `--json`; a stable shape. */
export interface MessageFacts {
  readonly id: string;
  readonly partner: string | undefined;
  readonly station: string | undefined;
  readonly subject: string | undefined;
  /** Epoch ms. */
  readonly timestamp: number | undefined;
  readonly status: string | undefined;
  readonly read: boolean | undefined;
  readonly attachmentNames: readonly string[];
}

/** What is shown of a message. */
export function factsOf(message: GatewayMessage): MessageFacts {
  const { id, partner, station, subject, timestamp, status, read, attachmentNames } = message;
  return { id, partner, station, subject, timestamp, status, read, attachmentNames };
}

export const messageHeader = ['ID', 'TIME', 'PARTNER', 'STATION', 'STATE', 'FILES', 'SUBJECT'] as const;

/** One row of a list. */
export function messageRow(facts: MessageFacts): string[] {
  const { id, timestamp, partner, station, status, read, attachmentNames, subject } = facts;
  const state = [status, read === false ? 'unread' : undefined].filter((word) => word !== undefined);
  return [
    id,
    humanInstant(timestamp),
    partner ?? '-',
    station ?? '-',
    state.join(', ') || '-',
    String(attachmentNames.length),
    subject ?? '',
  ];
}
