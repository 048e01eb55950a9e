/** `v1`: the OpenAPI document of 2022. `v2`: since MFT Gateway 3.1.1. `both`: as in the years between. */
export type Generation = 'v1' | 'v2' | 'both';

/** The three spellings of a submitted message's id that the vendor's pages and public clients show. */
export type SubmitIdKey = 'messageIdentifier' | 'as2messageId' | 'as2MessageId';

/** The vendor's rename table (reference, section 3), for what this sandbox reads and answers: [v1, v2]. */
const RENAMED = {
  apiToken: ['api_token', 'apiToken'],
  refreshToken: ['refresh_token', 'refreshToken'],
  identifier: ['as2MessageId', 'identifier'],
  sender: ['senderAS2Id', 'senderIdentifier'],
  receiver: ['receiverAS2Id', 'receiverIdentifier'],
  station: ['stationAS2Id', 'stationIdentifier'],
  partner: ['partnerAS2Id', 'partnerIdentifier'],
  messageIds: ['as2MessageIds', 'messageIdentifiers'],
  party: ['as2Identifier', 'identifier'],
  hookMessage: ['messageAS2ID', 'messageIdentifier'],
  hookPartner: ['partnerAS2ID', 'partnerIdentifier'],
  hookStation: ['stationAS2ID', 'stationIdentifier'],
} as const satisfies Record<string, readonly [string, string]>;

export type NameKey = keyof typeof RENAMED;

/** The names that one gateway uses. */
export interface Names {
  readonly generation: Generation;
  /** The spellings that are read: a name of the other generation is ignored, as an unknown one would be. */
  accepted(key: NameKey): readonly string[];
  /** `{ [name]: value }` under each spelling that is answered. */
  put(key: NameKey, value: unknown): Record<string, unknown>;
  /** The id of a submitted message, in the spelling of this gateway. */
  putSubmitted(identifier: string): Record<string, string>;
}

export function createNames(generation: Generation, submitIdKey?: SubmitIdKey): Names {
  function spellings(key: NameKey): readonly string[] {
    const [v1, v2] = RENAMED[key];
    return { v1: [v1], v2: [v2], both: [v2, v1] }[generation];
  }
  const submitKeys =
    submitIdKey === undefined
      ? { v1: ['as2messageId'], v2: ['messageIdentifier'], both: ['messageIdentifier', 'as2messageId'] }[
          generation
        ]
      : [submitIdKey];
  return {
    generation,
    accepted: spellings,
    put: (key, value) => Object.fromEntries(spellings(key).map((name) => [name, value])),
    putSubmitted: (identifier) => Object.fromEntries(submitKeys.map((name) => [name, identifier])),
  };
}
