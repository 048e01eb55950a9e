export { AbortedError } from './errors/aborted-error';
export { ApiError } from './errors/api-error';
export { ConnectionError } from './errors/connection-error';
export { brandError, hasBrand } from './errors/error-brand';
export { InvalidRequestError } from './errors/invalid-request-error';
export { MftBridgeError } from './errors/mft-bridge-error';
export { RequestBodyError } from './errors/request-body-error';
export { ResponseShapeError } from './errors/response-shape-error';
export {
  BadRequestError,
  ConflictError,
  ForbiddenError,
  NotFoundError,
  PayloadTooLargeError,
  RateLimitedError,
  RedirectRefusedError,
  ServerError,
  ServiceUnavailableError,
  UnauthorizedError,
  UnprocessableError,
} from './errors/status-errors';
export { TimeoutError } from './errors/timeout-error';
export {
  isAbortedError,
  isApiError,
  isConnectionError,
  isInvalidRequestError,
  isMftBridgeError,
  isRequestBodyError,
  isResponseShapeError,
  isBadRequestError,
  isConflictError,
  isForbiddenError,
  isNotFoundError,
  isPayloadTooLargeError,
  isRateLimitedError,
  isRedirectRefusedError,
  isServerError,
  isServiceUnavailableError,
  isUnauthorizedError,
  isUnprocessableError,
  isTimeoutError,
} from './errors/guards';
export type { Outcome } from './errors/mft-bridge-error';
export type { FieldIssue } from './errors/invalid-request-error';
export type { ClockName } from './errors/timeout-error';
export type {
  Clocks,
  HttpMethod,
  Operation,
  Parser,
  QueryValue,
  RequestBody,
  RequestParts,
  Safety,
} from './operation';
export type { CallOptions, Download, Reply, Transport, UrlRules } from './transport';
export type {
  CallFacts,
  DeprecationEvent,
  RequestEvent,
  ResponseEvent,
  RetryEvent,
  TransportEvents,
} from './transport-events';
export type {
  EgressOptions,
  FailureFacts,
  RetryBudgetOptions,
  RetryOptions,
  TransportOptions,
} from './transport-options';
export { createConnectionAgents } from './connection-agents';
export type { AgentUse, ConnectionAgents } from './connection-agents';
export { checkOptionNames } from './check-option-names';
export type { OptionNames } from './check-option-names';
export { createTransport } from './create-transport';
export { parseLossless } from './parse-lossless';
export { createRequestLimiter } from './request-limiter';
export type { RequestLimit, RequestLimiter, RequestLimiterOptions } from './request-limiter';
export { safeFileName, splitExtension } from './safe-file-name';
export { staticSession } from './session';
export type { RejectedContext, Session, SessionContext, SessionHeader } from './session';
export { createTokenSession } from './token-session';
export type { Token, TokenSession, TokenSessionOptions } from './token-session';
