/** What all events of one of our messages tell. A field that the service left out is absent. */
export interface WebhookMessageEvent {
  /** AS2 message id, with its angle brackets. */
  readonly messageId: string;
  /** AS2 identifier of our side. */
  readonly station?: string;
  /** For people. */
  readonly stationName?: string;
  /** AS2 identifier of the other side. */
  readonly partner?: string;
  /** For people. */
  readonly partnerName?: string;
  /** As the sender chose it. */
  readonly subject?: string;
  /** S3 keys in the gateway's bucket, not addresses: the content is fetched over REST. */
  readonly attachmentKeys: readonly string[];
  /** Names as the keys end. A name is chosen by a partner: data, never a path. */
  readonly attachmentNames: readonly string[];
  /** Where the attachments' keys are. */
  readonly bucket?: string;
  /** As text: it may exceed 2^53. */
  readonly tenantId?: string;
  /** Name of the account at the service. */
  readonly tenant?: string;
  /** The payload as it came. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** A partner's message arrived: `MESSAGE.RECEIVED.SUCCESS`. */
export interface WebhookReceived extends WebhookMessageEvent {
  /** The kind. */
  readonly type: 'received';
  /** Milliseconds since 1970. */
  readonly receivedAt?: number;
}

/** A message of ours was sent: `MESSAGE.SEND.SUCCESS`. */
export interface WebhookSent extends WebhookMessageEvent {
  /** The kind. */
  readonly type: 'sent';
  /** Milliseconds since 1970. */
  readonly sentAt?: number;
}

/** Sending failed: `MESSAGE.SEND.FAILED`. A message under retry may fail several times, and then be sent. */
export interface WebhookFailed extends WebhookMessageEvent {
  /** The kind. */
  readonly type: 'failed';
  /** In the service's own words. */
  readonly reason?: string;
  /** How often it failed so far. */
  readonly failures?: number;
  /** Milliseconds since 1970. */
  readonly lastAttemptAt?: number;
}

/** An event of a name that this version does not know (SFTP has its own), or without the id of a message. */
export interface WebhookUnknown {
  /** The kind. */
  readonly type: 'unknown';
  /** The service's name of the event, where there is one. */
  readonly eventType?: string;
  /** The payload as it came. */
  readonly raw: unknown;
}

/** What a webhook told. **It is unsigned**: whoever knows the address can send one. Verify it over REST. */
export type WebhookEvent = WebhookReceived | WebhookSent | WebhookFailed | WebhookUnknown;

/** An event about a message, and so one that can be verified. */
export type KnownWebhookEvent = Exclude<WebhookEvent, WebhookUnknown>;
