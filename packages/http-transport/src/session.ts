import type { ApiError } from './errors/api-error';

/** A header that proves who calls. Its value is a secret. */
export interface SessionHeader {
  readonly name: string;
  readonly value: string;
}

export interface SessionContext {
  /** Name of the operation that is to be authorized. */
  readonly operation: string;
  /** Aborted when this caller gives up waiting; a shared login goes on for the others. */
  readonly signal: AbortSignal;
}

export interface RejectedContext extends SessionContext {
  /** What `header` returned for the request that was refused. */
  readonly header: SessionHeader;
  /** The 401 or 403. */
  readonly error: ApiError;
}

/** How requests are authorized. Asked again before every try. */
export interface Session {
  header(context: SessionContext): Promise<SessionHeader>;
  /**
   * Called once per call after a 401 or 403, and only where the body can be sent again.
   * `true` means: there is another header now, send the request once more.
   */
  rejected?(context: RejectedContext): Promise<boolean>;
  close?(): Promise<void>;
}

/**
 * A header that never changes, such as an API key.
 *
 * @example staticSession({ name: 'authorization', value: `Bearer ${key}` })
 */
export function staticSession(header: SessionHeader): Session {
  const own: SessionHeader = { name: header.name, value: header.value };
  return { header: () => Promise.resolve(own) };
}
