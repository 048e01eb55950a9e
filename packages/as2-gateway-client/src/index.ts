export { As2GatewayClient } from './client';
export type { As2GatewayEvents, HintEvent } from './client-events';
export type { As2GatewayClientOptions } from './client-options';
export type {
  AuthOptions,
  PasswordAuth,
  ProvidedToken,
  ProviderAuth,
  TokenPairAuth,
} from './auth/auth-options';
export type { AttachmentLink, AttachmentList, AttachmentRef } from './attachment-link';
export { fieldErrors } from './field-errors';
export { messageIdFromLink } from './link';
export { isGoodDisposition, parseDisposition } from './mdn/parse-disposition';
export type { Disposition, DispositionModifier, DispositionOutcome } from './mdn/parse-disposition';
export { parseMdn } from './mdn/parse-mdn';
export type { Mdn } from './mdn/parse-mdn';
export { sameMessageId } from './message-id';
export type { CertificateQuery } from './operations/certificates';
export type { InboxQuery } from './operations/inbox';
export type {
  IdFilter,
  ListPaging,
  ListQuery,
  MessageFilter,
  PartyFilter,
  SubjectFilter,
} from './operations/list-query';
export type { OutboxBox, OutboxQuery } from './operations/outbox';
export type { Compat } from './operations/wire-names';
export type { CertificateContent } from './parties/certificate-content';
export type {
  EncryptionAlgorithm,
  NewPartner,
  PartnerSettings,
  SignatureAlgorithm,
} from './parties/new-partner';
export type { KeystoreIdentity, NewStation, SelfSignedIdentity, StoredIdentity } from './parties/new-station';
export type { PartnerChanges } from './parties/partner-changes';
export type { Certificates } from './resources/certificates';
export type { DeleteResult } from './resources/delete-many';
export type { Delivery } from './resources/delivery';
export type { DrainedAttachment, DrainedMessage, DrainOptions } from './resources/drain-inbox';
export type { FileSource } from './resources/file-source';
export type { FoundSubmission, SubmissionQuery, SubmissionSearch } from './resources/find-submission';
export type { Inbox, InboxSearch } from './resources/inbox';
export type { InboxReader } from './resources/inbox-reader';
export type { Messages, SentMessage } from './resources/messages';
export type { OpenedFile } from './resources/opened-file';
export type { Outbox, OutboxSearch } from './resources/outbox';
export type { OutboxReader } from './resources/outbox-reader';
export type { Partners } from './resources/partners';
export type { LocalFilter } from './resources/search-messages';
export type { Stations } from './resources/stations';
export type { WaitOptions } from './resources/wait-for-delivery';
export type { Certificate, CertificateEntry, CertificateName, CertificateType } from './schemas/certificate';
export type { GatewayMessage, InboxMessage, MessageReceipt, OutboxMessage } from './schemas/message';
export type { MessagePage } from './schemas/message-page';
export type { Party, PartyReceipt } from './schemas/party';
export type { OutgoingAttachment } from './submit/attachment-content';
export type { OutgoingMessage, TextOptions } from './submit/outgoing-message';
export { uniqueNames } from './submit/unique-names';
export { createWebhookHandler } from './webhook/create-webhook-handler';
export type {
  WebhookDrop,
  WebhookHandler,
  WebhookHandlerOptions,
  WebhookResponse,
} from './webhook/create-webhook-handler';
export { parseWebhook } from './webhook/parse-webhook';
export type { WebhookRequest } from './webhook/read-body';
export type { VerifiedWebhook, WebhookDoubt, WebhookVerifier } from './webhook/verify-webhook';
export type {
  KnownWebhookEvent,
  WebhookEvent,
  WebhookFailed,
  WebhookMessageEvent,
  WebhookReceived,
  WebhookSent,
  WebhookUnknown,
} from './webhook/webhook-event';

// What a user of this package needs of the layer below: errors with their guards, and the types of options.
export {
  AbortedError,
  ApiError,
  BadRequestError,
  ConflictError,
  ConnectionError,
  ForbiddenError,
  InvalidRequestError,
  isAbortedError,
  isApiError,
  isBadRequestError,
  isConflictError,
  isConnectionError,
  isForbiddenError,
  isInvalidRequestError,
  isMftBridgeError,
  isNotFoundError,
  isPayloadTooLargeError,
  isRateLimitedError,
  isRedirectRefusedError,
  isRequestBodyError,
  isResponseShapeError,
  isServerError,
  isServiceUnavailableError,
  isTimeoutError,
  isUnauthorizedError,
  isUnprocessableError,
  MftBridgeError,
  NotFoundError,
  PayloadTooLargeError,
  RateLimitedError,
  RedirectRefusedError,
  RequestBodyError,
  ResponseShapeError,
  safeFileName,
  ServerError,
  ServiceUnavailableError,
  TimeoutError,
  UnauthorizedError,
  UnprocessableError,
} from '@mft-bridge/http-transport';
export type {
  CallOptions,
  Clocks,
  DeprecationEvent,
  Download,
  EgressOptions,
  Operation,
  Outcome,
  Parser,
  RequestParts,
  RetryOptions,
  TransportEvents,
} from '@mft-bridge/http-transport';
