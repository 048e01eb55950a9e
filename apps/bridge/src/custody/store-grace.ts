/**
 * ms, by the store's own clock: in a store of several bridges an object, a temporary file or an upload that is younger may
 * be the work of another bridge that its ledger does not know yet. A day is far longer than a message takes from its first
 * byte to its row, and far shorter than it takes until orphans cost anything.
 */
export const storeGraceMs = 24 * 3_600_000;
