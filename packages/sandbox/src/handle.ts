import type { CallListener } from './call-log';
import type { Faults } from './faults/fault';

/** What every sandbox service offers to the test that started it. */
export interface SandboxHandle {
  /** Base URL without a trailing slash, as `http://127.0.0.1:41234`. Stays the same over `unplug` and `plug`. */
  readonly url: string;
  readonly plugged: boolean;
  /** Cuts all connections and refuses new ones. What was taken in stays. */
  unplug(): Promise<void>;
  /** Listens again on the same port. */
  plug(): Promise<void>;
  /** Calls received so far by operation, as `{ 'GET /message/inbox/{id}': 3 }`. Unknown addresses count as `GET (unknown)`. */
  readonly calls: Readonly<Record<string, number>>;
  /** Observes each call. Returns the function that stops observing. */
  onCall(listener: CallListener): () => void;
  /** What is to go wrong, on demand. */
  readonly faults: Faults;
  /** Ends the service and removes its temporary files. */
  close(): Promise<void>;
}
