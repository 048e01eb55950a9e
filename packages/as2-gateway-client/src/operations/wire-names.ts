/** Which generation of names is sent. Both are always read. */
export type Compat = 'v2' | 'v1';

/** The names that differ between the generations, as they are sent. */
export interface WireNames {
  readonly station: string;
  readonly partner: string;
  readonly messageId: string;
  readonly messageIds: string;
}

const names: Record<Compat, WireNames> = {
  v2: {
    station: 'stationIdentifier',
    partner: 'partnerIdentifier',
    messageId: 'identifier',
    messageIds: 'messageIdentifiers',
  },
  v1: {
    station: 'stationAS2Id',
    partner: 'partnerAS2Id',
    messageId: 'as2MessageId',
    messageIds: 'as2MessageIds',
  },
};

/** The names of one generation. */
export function wireNames(compat: Compat): WireNames {
  return names[compat];
}
