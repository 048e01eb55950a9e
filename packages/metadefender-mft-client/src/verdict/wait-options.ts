import type { ExpectedFile } from './evaluate-verdict';
import type { Verdict } from './verdict';

/** How long and how often to look. */
export interface WaitOptions {
  /** milliseconds until the wait ends with a verdict `pending`; default 15 minutes, 0 is one look. The server's own limit may be years. */
  readonly timeoutMs?: number | undefined;
  /** milliseconds before the second look, growing from there; default 1,000 */
  readonly minIntervalMs?: number | undefined;
  /** milliseconds between two looks at most; default 30,000 */
  readonly maxIntervalMs?: number | undefined;
  /** what was uploaded; a status that speaks of another file is held */
  readonly expected?: ExpectedFile | undefined;
  /** Ends the wait; the upload itself is untouched. */
  readonly signal?: AbortSignal | undefined;
  /** called with each verdict, also with the last one */
  readonly onVerdict?: ((verdict: Verdict) => void) | undefined;
}
