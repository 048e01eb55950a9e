import { createDueQueue } from '../due-queue';
import type { GatewayState, IncomingAttachment } from './gateway-state';
import type { GatewayMessage, MessageMdn, Outcome, Submission } from './message';

const RETRY_MS = 5_000;

/** What really arrived at a partner. */
export interface ReceivedRecord {
  readonly messageId: string;
  /** Epoch ms. */
  readonly at: number;
  /** Station. */
  readonly from: string;
  /** Partner. */
  readonly to: string;
  readonly subject: string | undefined;
  readonly attachments: readonly {
    readonly name: string;
    readonly size: number;
    readonly sha256: string;
    readonly contentType: string;
  }[];
}

/** A try to send that came to its end. */
export interface SendEvent {
  readonly message: GatewayMessage;
  readonly box: 'sent' | 'failed' | 'incomplete';
  /** Epoch ms. */
  readonly at: number;
  readonly failureReason: string;
}

/** The way of submitted messages: queued, then sent, failed or incomplete. */
export interface Outbound {
  submit(message: {
    readonly from: string;
    readonly to: string;
    readonly subject: string | undefined;
    readonly attachments: readonly IncomingAttachment[];
  }): Promise<GatewayMessage>;
  /** Sends what is due by the clock. To be called before anything about the outbox is read. */
  settle(): void;
  /** Whether `GET /message/outbox/{id}` knows the message already. */
  visible(message: GatewayMessage): boolean;
  /** What arrived at one partner, or at all of them: in order of arrival, after `settle`. */
  received(partner?: string): readonly ReceivedRecord[];
}

/** A message that waits for its next try. */
interface Waiting {
  readonly message: GatewayMessage;
  /** Undefined: to be asked. */
  readonly outcome?: Outcome;
  /** Tries that are still to fail. */
  readonly left?: number;
}

/**
 * No timer runs here: what is due is worked off when somebody looks, by the clock that was given. So a test moves
 * its clock and sees the result at once.
 */
export function createOutbound(
  state: GatewayState,
  options: {
    readonly sendDelayMs: number;
    readonly hiddenMs: number;
    readonly outcomeOf: (submission: Submission) => Outcome;
    /** Told of each try, also of the failed ones before a success. */
    readonly onTry?: (event: SendEvent) => void;
  },
): Outbound {
  const arrived: ReceivedRecord[] = [];
  const byPartner = new Map<string, ReceivedRecord[]>();
  const waiting = createDueQueue<Waiting>();

  /** One try, at its own time: it may be long past when a clock was moved. */
  function attempt({ message, ...before }: Waiting, at: number): void {
    const outcome = before.outcome ?? options.outcomeOf(submissionOf(message));
    const { box, retryMs = RETRY_MS, failureReason = 'Received HTTP status code of 500' } = outcome;
    if (box === 'queued') {
      waiting.add(at + Math.max(1, retryMs), { message });
      return;
    }
    const left = before.left ?? outcome.failedTries ?? 0;
    if (left > 0) {
      message.failures += 1;
      const failed = state.addCopy(message, 'failed', at);
      options.onTry?.({ message: failed, box: 'failed', at, failureReason });
      waiting.add(at + retryMs, { message, outcome, left: left - 1 });
      return;
    }
    finish(message, outcome, box, at);
    options.onTry?.({ message, box, at, failureReason });
  }

  function finish(message: GatewayMessage, outcome: Outcome, box: SendEvent['box'], at: number): void {
    const disposition = outcome.disposition ?? goodDisposition(message);
    if (box === 'sent' || outcome.disposition !== undefined)
      message.mdn = mdn(message, disposition, true, at, outcome.humanMessage);
    if (box === 'failed') message.failures += 1;
    state.mailbox.move(message, box);
    const good = isGood(disposition);
    if (outcome.delivered ?? (box !== 'failed' && good)) deliver(message, at);
    if (box === 'sent' && good && state.partners.get(message.partner)?.deleteAttachmentsOnSuccessMdn === true)
      void state.removeContent(message);
  }

  function deliver({ identifier, station, partner, subject, attachments }: GatewayMessage, at: number): void {
    const record: ReceivedRecord = {
      messageId: identifier,
      at,
      from: station,
      to: partner,
      subject,
      attachments: attachments.map(({ name, size, sha256, contentType }) => ({
        name,
        size,
        sha256,
        contentType,
      })),
    };
    arrived.push(record);
    const before = byPartner.get(partner);
    if (before === undefined) byPartner.set(partner, [record]);
    else before.push(record);
  }

  /** In the order of their times, whoever's turn it is: an outcome for one send only is the earliest one's. */
  function settle(): void {
    const now = state.clock();
    for (let next = waiting.take(now); next !== undefined; next = waiting.take(now))
      // It may have been deleted meanwhile.
      if (state.mailbox.inBox('queued').has(next.item.message)) attempt(next.item, next.due);
  }

  return {
    async submit({ from, to, subject, attachments }) {
      const message = await state.add({ box: 'queued', station: from, partner: to, subject, attachments });
      waiting.add(message.timestamp + options.sendDelayMs, { message });
      return message;
    },
    settle,
    visible: (message) => state.clock() >= message.timestamp + options.hiddenMs,
    received(partner) {
      settle();
      return (partner === undefined ? arrived : (byPartner.get(partner) ?? [])).slice();
    },
  };
}

function submissionOf({ identifier, station, partner, subject, attachments }: GatewayMessage): Submission {
  return {
    messageId: identifier,
    from: station,
    to: partner,
    subject,
    attachments: attachments.map(({ name, size, sha256 }) => ({ name, size, sha256 })),
  };
}

/** Whether a disposition says that all went well (RFC 4130, section 7.4). */
export function isGood(disposition: string): boolean {
  return !/\b(?:error|failure|failed)\b/i.test(disposition);
}

/** The blank behind the semicolon comes and goes in the vendor's examples, and so it does here. */
export function goodDisposition(message: GatewayMessage): string {
  return `automatic-action/MDN-sent-automatically;${message.serial % 2n === 0n ? ' ' : ''}processed`;
}

/** The receipt for a message. */
export function mdn(
  message: GatewayMessage,
  disposition: string,
  incoming: boolean,
  at: number,
  humanMessage?: string,
): MessageMdn {
  const [from, to] = incoming ? [message.station, message.partner] : [message.partner, message.station];
  return {
    disposition,
    humanMessage:
      humanMessage ??
      `The message sent to AS2 identifier ${to} by ${from} was received.\r\nMessage-ID: ${message.identifier}\r\n`,
    incoming,
    timestamp: at,
  };
}
