import type { ScriptTimes } from '../script';

/** `up`: from the client to the target. `down`: back. */
export type Direction = 'up' | 'down';

/** A number of bytes moved in the direction of the fault, or a range (both ends included) from which one is drawn. */
export type Place = number | { readonly from: number; readonly to: number };

/** What is wrong with a line. A fault without `afterBytes` strikes at once. */
export type ProxyFault =
  /** Both sides get a reset. */
  | { readonly kind: 'reset'; readonly direction?: Direction; readonly afterBytes?: Place }
  /** Both sides are closed in order, with what was moved so far delivered. */
  | { readonly kind: 'cut'; readonly direction?: Direction; readonly afterBytes?: Place }
  /** This direction ends, as if its sender had nothing more to say; the other one stays open. */
  | { readonly kind: 'half-close'; readonly direction: Direction; readonly afterBytes?: Place }
  /** This direction stands still: for good, or for some ms. */
  | {
      readonly kind: 'stall';
      readonly direction: Direction;
      readonly afterBytes?: Place;
      readonly forMs?: number;
    }
  /** No more than so many bytes per second in this direction. */
  | { readonly kind: 'rate'; readonly direction: Direction; readonly bytesPerSecond: number };

/** When a line is bad: `times` and `after` count connections. */
export interface ProxyRule extends ScriptTimes {
  readonly fault: ProxyFault;
  /** 0 to 1, for each connection. Default 1. */
  readonly probability?: number;
}
