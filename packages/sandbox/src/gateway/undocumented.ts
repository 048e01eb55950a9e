/**
 * What no page of the vendor says, as far as a caller can feel it. A client has to bear either answer (reference,
 * section 13; the numbers are its questions), so either can be had here. The defaults are the likelier ones.
 */
export interface GatewayUndocumented {
  /** 1: names of id and secret in the body of `POST /authorize`. Default `['tokenID', 'tokenSecret']`. */
  readonly tokenPairFields: readonly [id: string, secret: string];
  /** 2: `apiTokenExpiryIn` in seconds (default), in ms, as the moment in epoch ms, or not there at all. */
  readonly tokenExpiry: 'seconds' | 'ms' | 'epoch-ms' | 'none';
  /** 3: whether the token may stand behind `Bearer`. Default `refused`. */
  readonly bearer: 'refused' | 'accepted';
  /** 4: the answer to a token that is missing, wrong or expired. Default 401. */
  readonly refusedTokenStatus: 401 | 403;
  /** 5: whether a session of an API token pair can be refreshed, by its token id as the user name. Default `refused`. */
  readonly pairRefresh: 'refused' | 'accepted';
  /** 5: whether a refresh token serves once (default) or as long as it lives. */
  readonly refreshTokens: 'once' | 'again';
  /** 5: life of a refresh token in ms; null (default): as long as the sandbox. */
  readonly refreshLifetimeMs: number | null;
  /** 7: whether every call but the two of authorization needs `service`; 400 without. Default `optional`. */
  readonly service: 'optional' | 'required';
  /** 9: of a submit: the bare URL with the raw id (default), with the id encoded, as RFC 8288 has it, or no header. */
  readonly link: 'bare' | 'encoded' | 'rfc8288' | 'none';
  /** 10: what a list holds. Default `ids`. */
  readonly listItems: 'ids' | 'objects';
  /** 10, 23: `{ messages: […] }`, `{ stations: […] }`, `{ partners: […] }` (default), or the array alone. */
  readonly lists: 'named' | 'bare';
  /** 11: what `pageOffset` counts. Default `pages`. */
  readonly pageOffset: 'pages' | 'rows';
  /** 13: how `subject` filters. Default `contains`. */
  readonly subjectMatch: 'contains' | 'exact';
  /** 14: `markAsRead` where the caller does not say it. Default true, as documented so far. */
  readonly markAsReadDefault: boolean;
  /** 15: whether `GET …/attachments` of the inbox marks as read. Default false. */
  readonly attachmentsMarkRead: boolean;
  /** 16: what `GET /message/outbox/{id}` knows: all that was submitted (default), or only what was sent. */
  readonly outboxKnows: 'all' | 'sent';
  /** 17: fields that the message object lacks. Default none. */
  readonly missingFields: readonly string[];
  /** 18: name of the parts that are attachments. Default `File`. */
  readonly partName: string;
  /** 22: where an error says what is wrong. Default `message`. */
  readonly errorKey: 'message' | 'Message' | 'error' | 'errors';
}

export const DEFAULT_UNDOCUMENTED: GatewayUndocumented = {
  tokenPairFields: ['tokenID', 'tokenSecret'],
  tokenExpiry: 'seconds',
  bearer: 'refused',
  refusedTokenStatus: 401,
  pairRefresh: 'refused',
  refreshTokens: 'once',
  refreshLifetimeMs: null,
  service: 'optional',
  link: 'bare',
  listItems: 'ids',
  lists: 'named',
  pageOffset: 'pages',
  subjectMatch: 'contains',
  markAsReadDefault: true,
  attachmentsMarkRead: false,
  outboxKnows: 'all',
  missingFields: [],
  partName: 'File',
  errorKey: 'message',
};
