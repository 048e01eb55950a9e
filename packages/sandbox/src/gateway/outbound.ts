import type { GatewayState, IncomingAttachment } from './gateway-state';
import type { GatewayMessage, MessageMdn, Outcome, Submission } from './message';

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
  /** In order of arrival, after `settle`. */
  received(partner: string): readonly ReceivedRecord[];
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
  },
): Outbound {
  const arrived = new Map<string, ReceivedRecord[]>();

  function send(message: GatewayMessage, at: number): void {
    const { identifier, station, partner, subject, attachments } = message;
    const outcome = options.outcomeOf({
      messageId: identifier,
      from: station,
      to: partner,
      subject,
      attachments: attachments.map(({ name, size, sha256 }) => ({ name, size, sha256 })),
    });
    const disposition = outcome.disposition ?? goodDisposition(message);
    if (outcome.box === 'sent') message.mdn = mdn(message, disposition, true, at);
    state.mailbox.move(message, outcome.box);
    const good = !/\b(?:error|failure|failed)\b/i.test(disposition);
    if (!(outcome.delivered ?? (outcome.box !== 'failed' && good))) return;
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
    const before = arrived.get(partner);
    if (before === undefined) arrived.set(partner, [record]);
    else before.push(record);
  }

  function settle(): void {
    const now = state.clock();
    // Oldest first and all with the same delay: the first that is not due ends it.
    for (const message of state.mailbox.inBox('queued')) {
      const due = message.timestamp + options.sendDelayMs;
      if (due > now) return;
      send(message, due);
    }
  }

  return {
    submit: ({ from, to, subject, attachments }) =>
      state.add({ box: 'queued', station: from, partner: to, subject, attachments }),
    settle,
    visible: (message) => state.clock() >= message.timestamp + options.hiddenMs,
    received(partner) {
      settle();
      return arrived.get(partner) ?? [];
    },
  };
}

/** The blank behind the semicolon comes and goes in the vendor's examples, and so it does here. */
export function goodDisposition(message: GatewayMessage): string {
  return `automatic-action/MDN-sent-automatically;${message.serial % 2n === 0n ? ' ' : ''}processed`;
}

/** The receipt for a message. */
export function mdn(message: GatewayMessage, disposition: string, incoming: boolean, at: number): MessageMdn {
  const [from, to] = incoming ? [message.station, message.partner] : [message.partner, message.station];
  return {
    disposition,
    humanMessage: `The message sent to AS2 identifier ${to} by ${from} was received.\r\nMessage-ID: ${message.identifier}\r\n`,
    incoming,
    timestamp: at,
  };
}
