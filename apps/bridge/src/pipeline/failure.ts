import {
  isApiError,
  isConnectionError,
  isResponseShapeError,
  isTimeoutError,
} from '@mft-bridge/http-transport';
import { CustodyDamagedError } from '../custody/custody';

/**
 * What an error means for the work that met it.
 *
 * - `transient`: the service is away or busy; waits until the work's deadline, counts no try
 * - `counted`: refused or not understood; bounded tries, then a person
 * - `damaged`: the bytes in custody are not what they were
 */
export interface Failure {
  readonly kind: 'transient' | 'counted' | 'damaged';
  /** For people; never holds a secret, since the transport's errors hold none. */
  readonly why: string;
  /** The service asked to be left alone for so long. */
  readonly retryAfterMs: number | null;
  /** The service could not be reached at all. */
  readonly unreachable: boolean;
  /** The answer was not understood. */
  readonly unreadable: boolean;
}

/** Reads an error. Pure. */
export function classifyFailure(error: unknown): Failure {
  const why = error instanceof Error ? error.message : 'unknown error';
  const base = { why, retryAfterMs: null, unreachable: false, unreadable: false };
  if (error instanceof CustodyDamagedError) return { ...base, kind: 'damaged' };
  if (isConnectionError(error)) return { ...base, kind: 'transient', unreachable: true };
  if (isTimeoutError(error)) return { ...base, kind: 'transient', unreachable: error.clock === 'headers' };
  if (isResponseShapeError(error)) return { ...base, kind: 'counted', unreadable: true };
  if (isApiError(error)) {
    const passing = error.status >= 500 || error.status === 429 || error.status === 408;
    return { ...base, kind: passing ? 'transient' : 'counted', retryAfterMs: error.retryAfterMs ?? null };
  }
  return { ...base, kind: 'counted' };
}
