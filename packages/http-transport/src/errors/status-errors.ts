import { ApiError } from './api-error';
import { brandError } from './error-brand';

/** 400: the server did not understand the request. */
export class BadRequestError extends ApiError {
  static {
    brandError(this, 'BadRequestError');
  }
}

/** 401: the server does not know who calls. */
export class UnauthorizedError extends ApiError {
  static {
    brandError(this, 'UnauthorizedError');
  }
}

/** 403: the caller is known, but may not do this. */
export class ForbiddenError extends ApiError {
  static {
    brandError(this, 'ForbiddenError');
  }
}

/** 404: there is no such thing, or none that this caller may see. */
export class NotFoundError extends ApiError {
  static {
    brandError(this, 'NotFoundError');
  }
}

/** 409: the request contradicts the state at the server. */
export class ConflictError extends ApiError {
  static {
    brandError(this, 'ConflictError');
  }
}

/** 413: the body is larger than the server takes. */
export class PayloadTooLargeError extends ApiError {
  static {
    brandError(this, 'PayloadTooLargeError');
  }
}

/** 422: understood, but its content was refused. */
export class UnprocessableError extends ApiError {
  static {
    brandError(this, 'UnprocessableError');
  }
}

/** 429: too many requests; see `retryAfterMs`. */
export class RateLimitedError extends ApiError {
  static {
    brandError(this, 'RateLimitedError');
  }
}

/** 500 and any 5xx without a class of its own: the server failed, and may have done the work. */
export class ServerError extends ApiError {
  static {
    brandError(this, 'ServerError');
  }
}

/** 502, 503 and 504: the service, or a proxy before it, cannot answer now. */
export class ServiceUnavailableError extends ServerError {
  static {
    brandError(this, 'ServiceUnavailableError');
  }
}

/** 3xx: redirects are never followed, because they could carry the request to another host. */
export class RedirectRefusedError extends ApiError {
  static {
    brandError(this, 'RedirectRefusedError');
  }
}
