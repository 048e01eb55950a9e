// One guard per class. They read the brand, and so know the errors of another copy of this package as well.

import { hasBrand } from './error-brand';
import type { AbortedError } from './aborted-error';
import type { ApiError } from './api-error';
import type { ConnectionError } from './connection-error';
import type { InvalidRequestError } from './invalid-request-error';
import type { MftBridgeError } from './mft-bridge-error';
import type { RequestBodyError } from './request-body-error';
import type { ResponseShapeError } from './response-shape-error';
import type {
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
} from './status-errors';
import type { TimeoutError } from './timeout-error';

export function isAbortedError(error: unknown): error is AbortedError {
  return hasBrand(error, 'AbortedError');
}

export function isApiError(error: unknown): error is ApiError {
  return hasBrand(error, 'ApiError');
}

export function isConnectionError(error: unknown): error is ConnectionError {
  return hasBrand(error, 'ConnectionError');
}

export function isInvalidRequestError(error: unknown): error is InvalidRequestError {
  return hasBrand(error, 'InvalidRequestError');
}

export function isMftBridgeError(error: unknown): error is MftBridgeError {
  return hasBrand(error, 'MftBridgeError');
}

export function isRequestBodyError(error: unknown): error is RequestBodyError {
  return hasBrand(error, 'RequestBodyError');
}

export function isResponseShapeError(error: unknown): error is ResponseShapeError {
  return hasBrand(error, 'ResponseShapeError');
}

export function isBadRequestError(error: unknown): error is BadRequestError {
  return hasBrand(error, 'BadRequestError');
}

export function isConflictError(error: unknown): error is ConflictError {
  return hasBrand(error, 'ConflictError');
}

export function isForbiddenError(error: unknown): error is ForbiddenError {
  return hasBrand(error, 'ForbiddenError');
}

export function isNotFoundError(error: unknown): error is NotFoundError {
  return hasBrand(error, 'NotFoundError');
}

export function isPayloadTooLargeError(error: unknown): error is PayloadTooLargeError {
  return hasBrand(error, 'PayloadTooLargeError');
}

export function isRateLimitedError(error: unknown): error is RateLimitedError {
  return hasBrand(error, 'RateLimitedError');
}

export function isRedirectRefusedError(error: unknown): error is RedirectRefusedError {
  return hasBrand(error, 'RedirectRefusedError');
}

export function isServerError(error: unknown): error is ServerError {
  return hasBrand(error, 'ServerError');
}

export function isServiceUnavailableError(error: unknown): error is ServiceUnavailableError {
  return hasBrand(error, 'ServiceUnavailableError');
}

export function isUnauthorizedError(error: unknown): error is UnauthorizedError {
  return hasBrand(error, 'UnauthorizedError');
}

export function isUnprocessableError(error: unknown): error is UnprocessableError {
  return hasBrand(error, 'UnprocessableError');
}

export function isTimeoutError(error: unknown): error is TimeoutError {
  return hasBrand(error, 'TimeoutError');
}
