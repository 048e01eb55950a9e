import type { Blob } from '../blob-store';
import type { ScriptTimes } from '../script';

/** Where a message stands. `sent` is what the API calls the outbox. */
export type BoxName = 'inbox' | 'sent' | 'queued' | 'failed' | 'incomplete';

export interface MessageAttachment {
  readonly name: string;
  readonly contentType: string;
  readonly blob: Blob;
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** S3 key of the content. */
  readonly key: string;
}

export interface MessageMdn {
  readonly disposition: string;
  readonly humanMessage: string;
  /** True where the gateway received it. */
  readonly incoming: boolean;
  readonly timestamp: number;
}

/** One message as the gateway keeps it. */
export interface GatewayMessage {
  /** The gateway's own 64-bit number, beyond what a JavaScript number holds. */
  readonly serial: bigint;
  /** RFC 822 style, angle brackets included. */
  readonly identifier: string;
  readonly station: string;
  readonly partner: string;
  readonly subject: string | undefined;
  /** Epoch ms. */
  readonly timestamp: number;
  readonly attachments: readonly MessageAttachment[];
  box: BoxName;
  /** Read through the API; the console has a flag of its own. */
  read: boolean;
  mdn: MessageMdn | undefined;
  /** Tries to send that failed so far; outbound only. */
  failures: number;
}

/** What `outcomeOf` decides upon. */
export interface Submission {
  readonly messageId: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string | undefined;
  readonly attachments: readonly { readonly name: string; readonly size: number; readonly sha256: string }[];
}

/** What becomes of a submitted message. */
export interface Outcome {
  /** `queued`: not yet, to be asked again after `retryMs`. */
  readonly box: 'sent' | 'failed' | 'incomplete' | 'queued';
  /** Of the MDN. Default: processed where it was sent, no MDN at all where it was not. */
  readonly disposition?: string;
  /** What the MDN says to people. */
  readonly humanMessage?: string;
  /** Whether the partner got the bytes. Default: unless the box is `failed` or the disposition is not good. */
  readonly delivered?: boolean;
  /**
   * Tries that fail before it comes to this, each of which leaves a record of the same id in `failed` (the message
   * itself stays queued meanwhile). Default 0.
   */
  readonly failedTries?: number;
  /** Between two tries, ms. Default 5,000. */
  readonly retryMs?: number;
  /** Of failed tries, in the webhook. Default `Received HTTP status code of 500`. */
  readonly failureReason?: string;
}

/** An outcome for the submits that fit; what is left out fits all. */
export interface OutcomeRule extends ScriptTimes {
  /** Partner. */
  readonly to?: string;
  /** Station. */
  readonly from?: string;
  readonly messageId?: string;
  /** A part of the subject. */
  readonly subject?: string;
  /** Of one of its attachments: the name, or the SHA-256 (lower-case hex). */
  readonly attachment?: string;
  readonly outcome: Outcome;
}
