/** What is known when the run begins. */
export interface As2LabStart {
  /** Our station and the partner that messages may be sent to; undefined: nothing is sent. */
  readonly parties: { readonly from: string; readonly to: string } | undefined;
  /** Longest wait for a message to appear in a box, ms. */
  readonly timeoutMs: number;
}
