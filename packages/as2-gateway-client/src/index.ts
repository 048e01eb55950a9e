export { As2GatewayClient } from './client';
export type { As2GatewayClientOptions } from './client-options';
export type {
  AuthOptions,
  PasswordAuth,
  ProvidedToken,
  ProviderAuth,
  TokenPairAuth,
} from './auth/auth-options';
export type { AttachmentLink, AttachmentList, AttachmentRef } from './attachment-link';
export { messageIdFromLink } from './link';
export { isGoodDisposition, parseDisposition } from './mdn/parse-disposition';
export type { Disposition, DispositionModifier, DispositionOutcome } from './mdn/parse-disposition';
export { sameMessageId } from './message-id';
export type { InboxQuery } from './operations/inbox';
export type {
  IdFilter,
  ListPaging,
  ListQuery,
  MessageFilter,
  PartyFilter,
  SubjectFilter,
} from './operations/list-query';
export type { OutboxBox } from './operations/outbox';
export type { Compat } from './operations/wire-names';
export type { DeleteResult } from './resources/delete-many';
export type { Delivery } from './resources/delivery';
export type { DrainedAttachment, DrainedMessage, DrainOptions } from './resources/drain-inbox';
export type { FoundSubmission, SubmissionQuery, SubmissionSearch } from './resources/find-submission';
export type { Inbox } from './resources/inbox';
export type { Messages, SentMessage } from './resources/messages';
export type { Outbox, OutboxQuery } from './resources/outbox';
export type { WaitOptions } from './resources/wait-for-delivery';
export type { GatewayMessage, InboxMessage, MessageReceipt, OutboxMessage } from './schemas/message';
export type { MessagePage } from './schemas/message-page';
export type { OutgoingAttachment } from './submit/attachment-content';
export type { OutgoingMessage, TextOptions } from './submit/outgoing-message';
export { uniqueNames } from './submit/unique-names';

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
  ServerError,
  ServiceUnavailableError,
  TimeoutError,
  UnauthorizedError,
  UnprocessableError,
} from '@mft-bridge/http-transport';
export type {
  CallOptions,
  Clocks,
  Download,
  EgressOptions,
  Operation,
  Outcome,
  RetryOptions,
  TransportEvents,
} from '@mft-bridge/http-transport';
