import {
  isApiError,
  isConnectionError,
  isMftBridgeError,
  isResponseShapeError,
  isTimeoutError,
} from '@mft-bridge/http-transport';
import { CustodyDamagedError, CustodyUnavailableError } from '../custody/custody';
import { DestinationAwayError } from '../destinations/destination-away-error';
import { LedgerRefusedError } from '../ledger/ledger-refused-error';
import { LedgerUnavailableError } from '../ledger/ledger-unavailable-error';

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
  /** The operation that failed; null where it was no call of a service. */
  readonly operation: string | null;
  /** The answer was not understood. */
  readonly unreadable: boolean;
  /**
   * What it tells about the service: `away` it was not reached, hung, or said itself that it is broken; `there` it
   * answered; null where it was not asked.
   */
  readonly service: 'away' | 'there' | null;
}

/** Reads an error. Pure. */
export function classifyFailure(error: unknown): Failure {
  const why = error instanceof Error ? error.message : 'unknown error';
  const operation = isMftBridgeError(error) ? error.operation : null;
  const base = { why, operation, retryAfterMs: null, unreachable: false, unreadable: false, service: null };
  const away = { ...base, kind: 'transient', service: 'away' } as const;
  if (error instanceof CustodyDamagedError) return { ...base, kind: 'damaged' };
  // Neither the work's fault nor the service's: it waits for the store, or for the folder.
  if (
    error instanceof CustodyUnavailableError ||
    error instanceof LedgerUnavailableError ||
    // Its server was told to lose what it acknowledges, and nothing is written meanwhile.
    error instanceof LedgerRefusedError ||
    error instanceof DestinationAwayError
  )
    return { ...base, kind: 'transient' };
  if (isConnectionError(error)) return { ...away, unreachable: true };
  if (isTimeoutError(error)) return { ...away, unreachable: error.clock === 'headers' };
  if (isResponseShapeError(error)) return { ...base, kind: 'counted', unreadable: true, service: 'there' };
  if (isApiError(error)) {
    const retryAfterMs = error.retryAfterMs ?? null;
    // 429 is an answer of a service that is there, and says itself when it may be asked again.
    if (error.status >= 500 || error.status === 408) return { ...away, retryAfterMs };
    return { ...base, kind: error.status === 429 ? 'transient' : 'counted', retryAfterMs, service: 'there' };
  }
  return { ...base, kind: 'counted' };
}
