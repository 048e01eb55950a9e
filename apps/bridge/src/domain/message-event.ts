import type { Evidence, Fingerprint } from './evidence';
import type { MessageState } from './message';
import type { Obligation } from './obligation';
import type { AttachmentDecision } from './policy';
import type { Reason } from './reason';

/** The group id of the fresh scan of each attachment, by the attachment's id. */
export type GroupIds = Readonly<Record<string, string>>;

/** All that can happen to a message. Each is one audit event, so it holds no secret and no bytes. */
export type MessageEvent =
  | {
      readonly type: 'taken';
      readonly route: string | null;
      readonly attachments: number;
      readonly bytes: number;
    }
  | { readonly type: 'refused'; readonly reasons: readonly Reason[] }
  | { readonly type: 'acknowledged' }
  /** The gateway did not let it be marked read in all the time for that: it stays unread there, and is in custody here. */
  | { readonly type: 'acknowledge-failed'; readonly why: string }
  | { readonly type: 'resent'; readonly gatewayTime: number | null }
  | { readonly type: 'scan-opened'; readonly attachmentId: string; readonly groupId: string }
  | { readonly type: 'file-opened'; readonly attachmentId: string; readonly fileId: string }
  | { readonly type: 'uploaded'; readonly attachmentId: string; readonly bytes: Fingerprint }
  | {
      readonly type: 'weighed';
      readonly attachmentId: string;
      readonly evidence: Evidence;
      readonly sanitized: (Fingerprint & { readonly custodyKey: string }) | null;
    }
  | {
      readonly type: 'decided';
      readonly policyVersion: string;
      readonly decisions: readonly AttachmentDecision[];
      readonly deliveries: readonly {
        readonly id: string;
        readonly destination: string;
        readonly obligationIds: readonly string[];
      }[];
    }
  | {
      readonly type: 'intended';
      readonly deliveryId: string;
      readonly at: number;
      /** Epoch ms after which the call sends nothing more. */
      readonly sendBy: number;
      readonly remoteId?: string;
    }
  /** The call of an intent is over without an answer: from `at` on nothing more is sent by it. */
  | { readonly type: 'send-ended'; readonly deliveryId: string; readonly at: number; readonly why: string }
  /** A delivery of unknown fate is searched for no longer: people decide. */
  | { readonly type: 'search-ended'; readonly deliveryId: string; readonly why: string }
  | { readonly type: 'submitted'; readonly deliveryId: string; readonly remoteId: string }
  | { readonly type: 'staged'; readonly deliveryId: string; readonly remoteId: string }
  | { readonly type: 'withdrawn'; readonly deliveryId: string; readonly why: string }
  /** Nothing of it has left, and what cleared its bytes counts for nothing any more: its obligations wait for a person. */
  | { readonly type: 'withheld'; readonly deliveryId: string; readonly reasons: readonly Reason[] }
  | { readonly type: 'delivered'; readonly deliveryId: string; readonly proof: string }
  | { readonly type: 'delivery-failed'; readonly deliveryId: string; readonly reasons: readonly Reason[] }
  | { readonly type: 'delivery-unknown'; readonly deliveryId: string; readonly reasons: readonly Reason[] }
  | { readonly type: 'given-up'; readonly reasons: readonly Reason[]; readonly to: 'held' | 'dead-letter' }
  | { readonly type: 'disposed'; readonly attachmentId: string }
  /** Decided in mode observe: the record of what would have been done. */
  | {
      readonly type: 'observed';
      readonly policyVersion: string;
      readonly decisions: readonly AttachmentDecision[];
    }
  /** Observed before, and now taken for real after the cut-over. */
  | { readonly type: 'enforced'; readonly groupIds: GroupIds }
  /**
   * A person sends a held or dead message on its way again, from a fresh scan. What was delivered, or is quarantined,
   * stays where it is. `obligations` are those that take the place of the ones that waited.
   */
  | {
      readonly type: 'replayed';
      /** Id of the command, so that one whose end was not noted is not carried out twice. */
      readonly command: string;
      readonly actor: string;
      readonly route: string | null;
      readonly obligations: readonly Obligation[];
      readonly groupIds: GroupIds;
    }
  /** The ledger was restored from a backup: what is not settled may have gone its way after the backup was made. */
  | { readonly type: 'restored'; readonly reasons: readonly Reason[] }
  | { readonly type: 'legal-hold'; readonly on: boolean; readonly actor: string; readonly why: string }
  | { readonly type: 'bytes-removed'; readonly place: MessageState };

/** Work that the machine asks for; the runner makes due rows of it. */
export type Effect =
  | { readonly kind: 'acknowledge'; readonly subject: string }
  | { readonly kind: 'scan'; readonly subject: string }
  | { readonly kind: 'decide'; readonly subject: string }
  | { readonly kind: 'deliver'; readonly subject: string }
  | { readonly kind: 'confirm'; readonly subject: string }
  | { readonly kind: 'dispose'; readonly subject: string }
  /** Looks for a delivery whose fate is unknown. */
  | { readonly kind: 'reconcile'; readonly subject: string };

/** `command`: what a person asked for; its row names the command. */
export type Stage = Effect['kind'] | 'command';
export const stages = [
  'acknowledge',
  'scan',
  'decide',
  'deliver',
  'confirm',
  'dispose',
  'reconcile',
  'command',
] as const satisfies readonly Stage[];
