import type { ApiErrorFacts } from './errors/api-error';
import { ApiError } from './errors/api-error';
import {
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

export interface StatusAdvice {
  readonly make: new (facts: ApiErrorFacts) => ApiError;
  /** What the status means. */
  readonly meaning: string;
  /** What to do, where the API's own hint says nothing. */
  readonly hint: string;
}

const advice = (make: StatusAdvice['make'], meaning: string, hint: string): StatusAdvice => ({
  make,
  meaning,
  hint,
});

const byStatus: Readonly<Record<number, StatusAdvice>> = {
  400: advice(
    BadRequestError,
    'it did not understand the request',
    'Check the input against the documentation.',
  ),
  401: advice(
    UnauthorizedError,
    'it does not know who calls',
    'Check the credentials, and whether they expired.',
  ),
  403: advice(ForbiddenError, 'the caller may not do this', 'Check the rights of the account or key.'),
  404: advice(NotFoundError, 'there is no such thing, or none that this caller may see', 'Check the id.'),
  409: advice(ConflictError, 'the request contradicts the state there', 'Read the state again, then decide.'),
  413: advice(PayloadTooLargeError, 'the body is larger than it takes', 'Send less, or by another way.'),
  422: advice(
    UnprocessableError,
    'it understood the request and refused its content',
    'Correct the named value.',
  ),
  429: advice(RateLimitedError, 'too many requests', 'Wait for retryAfterMs, and send fewer (option limit).'),
  500: advice(ServerError, 'it failed, and may have done the work', 'Look whether it was done; see its log.'),
  502: advice(
    ServiceUnavailableError,
    'a proxy got no answer from the service',
    'Try again later; see its log.',
  ),
  503: advice(ServiceUnavailableError, 'the service cannot answer now', 'Try again later.'),
  504: advice(
    ServiceUnavailableError,
    'a proxy waited too long for the service',
    'Look whether the work was done.',
  ),
};

export function statusAdvice(status: number): StatusAdvice {
  const known = byStatus[status];
  if (known !== undefined) return known;
  if (status >= 500) return advice(ServerError, 'it failed, and may have done the work', 'See its log.');
  if (status >= 300 && status < 400) {
    return advice(
      RedirectRefusedError,
      'it wants the request sent elsewhere, which is never done',
      'Set the base URL to where the service really is.',
    );
  }
  return advice(ApiError, 'it refused the request', 'Check the request against the documentation.');
}
