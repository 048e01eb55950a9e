/** The ledger could not be read or written: a full disk, a failing one, missing rights. Nothing of the write was kept. */
export class LedgerUnavailableError extends Error {
  override readonly name = 'LedgerUnavailableError';
  /** The database's own code, such as `SQLITE_FULL`. */
  readonly code: string;

  constructor(message: string, code: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
