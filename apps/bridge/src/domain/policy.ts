import type { Evidence } from './evidence';
import type { Media } from './media';
import type { Reason } from './reason';
import { reason } from './reason';

/** What the machine does with what the scanner found. */
export interface Policy {
  readonly version: string;
  /** Families whose sanitized bytes may be forwarded in place of the original. */
  readonly forwardSanitized: readonly Media[];
}

export const defaultPolicy: Policy = { version: 'default-1', forwardSanitized: ['image', 'document'] };

export interface Weighed {
  readonly attachmentId: string;
  readonly media: Media;
  readonly evidence: Evidence;
}

export type Verdict = 'forward' | 'forward-sanitized' | 'quarantine' | 'hold';

/** What becomes of one attachment. */
export interface AttachmentDecision {
  readonly attachmentId: string;
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
}

/**
 * Decides over a whole message. Pure. A message travels whole: one blocked attachment quarantines all,
 * one held attachment holds all; "all of none" is never asked, since a message without attachments is held
 * when it is taken.
 */
export function decide(attachments: readonly Weighed[], policy: Policy): readonly AttachmentDecision[] {
  const own = attachments.map((attachment) => decideOne(attachment, policy));
  const worst = own.some(({ verdict }) => verdict === 'quarantine')
    ? ({ verdict: 'quarantine', code: 'sibling-blocked' } as const)
    : own.some(({ verdict }) => verdict === 'hold')
      ? ({ verdict: 'hold', code: 'sibling-held' } as const)
      : null;
  if (worst === null) return own;
  return own.map((decision) =>
    decision.verdict === worst.verdict
      ? decision
      : {
          attachmentId: decision.attachmentId,
          verdict: worst.verdict,
          reasons: [...decision.reasons, reason(worst.code)],
        },
  );
}

function decideOne({ attachmentId, media, evidence }: Weighed, policy: Policy): AttachmentDecision {
  switch (evidence.conclusion) {
    case 'blocked':
      return { attachmentId, verdict: 'quarantine', reasons: evidence.reasons };
    case 'cleared':
      return { attachmentId, verdict: 'forward', reasons: [] };
    case 'cleared-sanitized':
      return policy.forwardSanitized.includes(media)
        ? { attachmentId, verdict: 'forward-sanitized', reasons: [] }
        : { attachmentId, verdict: 'hold', reasons: [reason('sanitized-not-forwardable', media)] };
    default:
      return { attachmentId, verdict: 'hold', reasons: evidence.reasons };
  }
}
