import type { Evidence, Fingerprint } from './evidence';
import type { AttachmentDecision } from './policy';
import type { Reason } from './reason';

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
      readonly remoteId?: string;
    }
  | { readonly type: 'submitted'; readonly deliveryId: string; readonly remoteId: string }
  | { readonly type: 'staged'; readonly deliveryId: string; readonly remoteId: string }
  | { readonly type: 'withdrawn'; readonly deliveryId: string; readonly why: string }
  | { readonly type: 'delivered'; readonly deliveryId: string; readonly proof: string }
  | { readonly type: 'delivery-failed'; readonly deliveryId: string; readonly reasons: readonly Reason[] }
  | { readonly type: 'delivery-unknown'; readonly deliveryId: string; readonly reasons: readonly Reason[] }
  | { readonly type: 'given-up'; readonly reasons: readonly Reason[]; readonly to: 'held' | 'dead-letter' }
  | { readonly type: 'disposed'; readonly attachmentId: string };

/** Work that the machine asks for; the runner makes due rows of it. */
export type Effect =
  | { readonly kind: 'acknowledge'; readonly subject: string }
  | { readonly kind: 'scan'; readonly subject: string }
  | { readonly kind: 'decide'; readonly subject: string }
  | { readonly kind: 'deliver'; readonly subject: string }
  | { readonly kind: 'confirm'; readonly subject: string }
  | { readonly kind: 'dispose'; readonly subject: string };

export type Stage = Effect['kind'];
export const stages = [
  'acknowledge',
  'scan',
  'decide',
  'deliver',
  'confirm',
  'dispose',
] as const satisfies readonly Stage[];
