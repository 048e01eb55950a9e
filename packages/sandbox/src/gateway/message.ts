import type { Blob } from '../blob-store';

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
  readonly box: 'sent' | 'failed' | 'incomplete';
  /** Of the MDN in the outbox (`sent` only). Default: processed. */
  readonly disposition?: string;
  /** Whether the partner got the bytes. Default: unless the box is `failed` or the disposition is not good. */
  readonly delivered?: boolean;
}
