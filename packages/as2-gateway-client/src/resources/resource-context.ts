import type { Transport, UrlRules } from '@mft-bridge/http-transport';
import type { HintEvent } from '../client-events';

/** What every resource is given. */
export interface ResourceContext {
  readonly transport: Transport;
  /** Which pre-signed addresses may be fetched. */
  readonly rules: Omit<UrlRules, 'operation'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Tells whoever observes the client. */
  readonly hint: (event: HintEvent) => void;
}
