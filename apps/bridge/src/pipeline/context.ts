import type { As2GatewayClient } from '@mft-bridge/as2-gateway-client';
import type { MetaDefenderClient } from '@mft-bridge/metadefender-mft-client';
import type { Logger } from 'pino';
import type { Custody } from '../custody/custody';
import type { Destination } from '../destinations/destination';
import type { Message, Mode } from '../domain/message';
import type { Policy } from '../domain/policy';
import type { Route } from '../domain/route';
import type { Ledger } from '../ledger/ledger';
import type { Membership } from '../ledger/membership';
import type { Activity, ServiceName } from '../telemetry/activity';
import type { Metrics } from '../telemetry/metrics';
import type { Breaker } from './breaker';
import type { RolePatience } from './role-patience';

/** Limits and times of the pipeline; all in ms unless said otherwise. */
export interface PipelineSettings {
  readonly mode: Mode;
  readonly stations: readonly string[];
  readonly startFrom: number;
  readonly maxAttachmentBytes: number;
  readonly maxMessageBytes: number;
  /** Messages in work at which intake pauses. */
  readonly highWaterMessages: number;
  /** Bytes of messages in work at which intake pauses. */
  readonly highWaterBytes: number;
  readonly intakeConcurrency: number;
  /** Tries to take a message at the ordinary pace; after them it is tried once an hour and shown to people all the time. */
  readonly intakeTries: number;
  readonly scan: {
    readonly deadlineMs: number;
    readonly expiresAfterMs: number;
    readonly firstPollMs: number;
    readonly maxPollMs: number;
    readonly readBack: boolean;
  };
  readonly delivery: {
    readonly tries: number;
    readonly deadlineMs: number;
    readonly confirmDeadlineMs: number;
    readonly confirmPollMs: number;
    /** From the intent to the last byte of a submission. */
    readonly sendWithinMs: number;
    /** How long a delivery whose fate is unknown is searched for. */
    readonly searchForMs: number;
  };
  readonly retry: { readonly baseMs: number; readonly maxMs: number; readonly tries: number };
}

/** All that the stages work with; put together in `main.ts`. */
export interface PipelineContext {
  readonly ledger: Ledger;
  readonly custody: Custody;
  readonly gateway: As2GatewayClient;
  readonly scanner: MetaDefenderClient;
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly routes: readonly Route[];
  readonly policy: Policy;
  readonly activity: Activity;
  /** Asked before a call, so that a service that is down is not hammered. */
  readonly breakers: Readonly<Record<ServiceName, Breaker>>;
  readonly metrics: Pick<Metrics, 'transition' | 'bytes' | 'retry' | 'step'>;
  /** Waits until the common budget of status requests allows one more. */
  readonly pollBudget: (signal: AbortSignal) => Promise<void>;
  readonly settings: PipelineSettings;
  readonly log: Logger;
  readonly now: () => number;
  /** ms of a clock that nobody sets. */
  readonly monotonic: () => number;
  /**
   * Epoch ms of this machine, where `now` is the ledger's time: it counts the time for which the whole machine was suspended,
   * which the monotonic clock does not.
   */
  readonly wall?: () => number;
  /** What is known of other bridges on the same ledger; absent where there are none. */
  readonly membership?: Membership;
  /** Told whether this bridge can do what it alone is there for. */
  readonly patience?: RolePatience;
  readonly random: () => number;
  /** Makes ids: 32 lower-case hex digits. */
  readonly newId: () => string;
  /** Why the scanner's answers count for nothing now; null where they count. */
  readonly scannerRefusal: () => string | null;
  /** Whether a scan that lasted from `from` to `to` (epoch ms) lies at a time at which the scanner failed its self-test. */
  readonly isDoubtful: (from: number, to: number) => boolean;
  /** Why nothing may be forwarded now: the scanner has not shown that it does its work. Null where it may. */
  readonly forwardingRefusal: () => string | null;
  /** Told of each message for which the machine has done all that it owed. */
  readonly settled?: (message: Message) => void;
  /** New work may be due: the runner need not wait. */
  readonly wake: () => void;
}
