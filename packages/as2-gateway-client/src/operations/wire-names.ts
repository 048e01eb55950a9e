/** Which generation of names is sent. Both are always read. */
export type Compat = 'v2' | 'v1';

/** The names that differ between the generations, as they are sent. */
export interface WireNames {
  readonly station: string;
  readonly partner: string;
  readonly messageId: string;
  readonly messageIds: string;
  /** Of a station or partner in a body. */
  readonly party: string;
  /** Value of the query parameter `service`; absent where it is switched off. */
  readonly service?: 'as2';
}

const names: Record<Compat, WireNames> = {
  v2: {
    station: 'stationIdentifier',
    partner: 'partnerIdentifier',
    messageId: 'identifier',
    messageIds: 'messageIdentifiers',
    party: 'identifier',
  },
  v1: {
    station: 'stationAS2Id',
    partner: 'partnerAS2Id',
    messageId: 'as2MessageId',
    messageIds: 'as2MessageIds',
    party: 'as2Identifier',
  },
};

/** Names by which the service itself reads a list's query, of both generations. */
export const listParameters: ReadonlySet<string> = new Set([
  ...Object.values(names).flatMap(({ station, partner, messageId }) => [station, partner, messageId]),
  ...['service', 'subject', 'sortDir', 'pageLength', 'pageOffset', 'fetchAll'],
]);

/** The names of one generation. */
export function wireNames(compat: Compat, service: 'as2' | false = 'as2'): WireNames {
  return { ...names[compat], ...(service === false ? {} : { service }) };
}
