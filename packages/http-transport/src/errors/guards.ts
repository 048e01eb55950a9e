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

/** Whether a thrown value is an {@link AbortedError}, also one of another copy of this package. */
export function isAbortedError(error: unknown): error is AbortedError {
  return hasBrand(error, 'AbortedError');
}

/** Whether a thrown value is an {@link ApiError}, also one of another copy of this package. */
export function isApiError(error: unknown): error is ApiError {
  return hasBrand(error, 'ApiError');
}

/** Whether a thrown value is a {@link ConnectionError}, also one of another copy of this package. */
export function isConnectionError(error: unknown): error is ConnectionError {
  return hasBrand(error, 'ConnectionError');
}

/** Whether a thrown value is an {@link InvalidRequestError}, also one of another copy of this package. */
export function isInvalidRequestError(error: unknown): error is InvalidRequestError {
  return hasBrand(error, 'InvalidRequestError');
}

/** Whether a thrown value is a {@link MftBridgeError}, also one of another copy of this package. */
export function isMftBridgeError(error: unknown): error is MftBridgeError {
  return hasBrand(error, 'MftBridgeError');
}

/** Whether a thrown value is a {@link RequestBodyError}, also one of another copy of this package. */
export function isRequestBodyError(error: unknown): error is RequestBodyError {
  return hasBrand(error, 'RequestBodyError');
}

/** Whether a thrown value is a {@link ResponseShapeError}, also one of another copy of this package. */
export function isResponseShapeError(error: unknown): error is ResponseShapeError {
  return hasBrand(error, 'ResponseShapeError');
}

/** Whether a thrown value is a {@link BadRequestError}, also one of another copy of this package. */
export function isBadRequestError(error: unknown): error is BadRequestError {
  return hasBrand(error, 'BadRequestError');
}

/** Whether a thrown value is a {@link ConflictError}, also one of another copy of this package. */
export function isConflictError(error: unknown): error is ConflictError {
  return hasBrand(error, 'ConflictError');
}

/** Whether a thrown value is a {@link ForbiddenError}, also one of another copy of this package. */
export function isForbiddenError(error: unknown): error is ForbiddenError {
  return hasBrand(error, 'ForbiddenError');
}

/** Whether a thrown value is a {@link NotFoundError}, also one of another copy of this package. */
export function isNotFoundError(error: unknown): error is NotFoundError {
  return hasBrand(error, 'NotFoundError');
}

/** Whether a thrown value is a {@link PayloadTooLargeError}, also one of another copy of this package. */
export function isPayloadTooLargeError(error: unknown): error is PayloadTooLargeError {
  return hasBrand(error, 'PayloadTooLargeError');
}

/** Whether a thrown value is a {@link RateLimitedError}, also one of another copy of this package. */
export function isRateLimitedError(error: unknown): error is RateLimitedError {
  return hasBrand(error, 'RateLimitedError');
}

/** Whether a thrown value is a {@link RedirectRefusedError}, also one of another copy of this package. */
export function isRedirectRefusedError(error: unknown): error is RedirectRefusedError {
  return hasBrand(error, 'RedirectRefusedError');
}

/** Whether a thrown value is a {@link ServerError}, also one of another copy of this package. */
export function isServerError(error: unknown): error is ServerError {
  return hasBrand(error, 'ServerError');
}

/** Whether a thrown value is a {@link ServiceUnavailableError}, also one of another copy of this package. */
export function isServiceUnavailableError(error: unknown): error is ServiceUnavailableError {
  return hasBrand(error, 'ServiceUnavailableError');
}

/** Whether a thrown value is an {@link UnauthorizedError}, also one of another copy of this package. */
export function isUnauthorizedError(error: unknown): error is UnauthorizedError {
  return hasBrand(error, 'UnauthorizedError');
}

/** Whether a thrown value is an {@link UnprocessableError}, also one of another copy of this package. */
export function isUnprocessableError(error: unknown): error is UnprocessableError {
  return hasBrand(error, 'UnprocessableError');
}

/** Whether a thrown value is a {@link TimeoutError}, also one of another copy of this package. */
export function isTimeoutError(error: unknown): error is TimeoutError {
  return hasBrand(error, 'TimeoutError');
}
