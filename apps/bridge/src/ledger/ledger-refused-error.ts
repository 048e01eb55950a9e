/** The ledger cannot be opened as it is. The message says why and what to do; nothing was changed. */
export class LedgerRefusedError extends Error {
  override readonly name = 'LedgerRefusedError';
}
