import { ConnectionError, isConnectionError, ResponseShapeError } from '@mft-bridge/http-transport';
import type { CallOptions, Operation } from '@mft-bridge/http-transport';
import { messageIdFromLink } from '../link';
import { sizeOf } from '../submit/attachment-content';
import type { OutgoingMessage, SubmitRequest, TextOptions } from '../submit/outgoing-message';
import { uniqueNames } from '../submit/unique-names';
import type { ResourceContext } from './resource-context';

/** A message that stands in the gateway's queue. It is not sent yet. */
export interface SentMessage {
  /** The AS2 message id, for `outbox.delivery`. */
  readonly id: string;
  /** The names under which the attachments went: as given, but that a repeated one was numbered. */
  readonly attachmentNames: readonly string[];
}

/** The vendor advises REST for less, and S3 or SFTP for more. */
const ADVISED_BYTES = 3_000_000;
const LARGE =
  'The message has more than 3 MB. That is more than is advised over REST: the service may refuse it (413) or fail. ' +
  'Larger files go by S3 or SFTP into the folder AS2/send/<station>/<partner>/ of your bucket.';

/** Sending. */
export interface Messages {
  /**
   * Puts a message into the gateway's queue. One attachment goes as the raw body, several as `multipart/form-data`;
   * streams are sent as they are read, with the length of the whole where all sizes are known.
   *
   * It is sent once. Only a request that provably never left is repeated; after any other lost answer the error has
   * `outcome: 'unknown'`, and `outbox.findSubmission` tells whether the message is there. Keep it below 3 MB: what
   * is larger may be refused (413), and goes by S3 or SFTP; the client says so by a `hint`, and sends it.
   *
   * @throws InvalidRequestError for text that cannot be sent, naming the field; PayloadTooLargeError (413);
   * ConnectionError where the answer was lost, also by a service that hangs up on a large message without a 413;
   * UnprocessableError (422) for a station or partner that does not exist; RequestBodyError when a stream fails or
   * gives another number of bytes than `size`.
   * @example
   * const sent = await gateway.messages.send({
   *   from: 'HUB', to: 'ACME', subject: 'Invoices',
   *   attachments: [{ name: 'a.xml', contentType: 'text/xml', content: () => createReadStream('a.xml'), size }],
   * });
   */
  send(message: OutgoingMessage, options?: CallOptions & TextOptions): Promise<SentMessage>;
}

/** Builds the resource over its operation. */
export function createMessages(
  submit: Operation<SubmitRequest, string | undefined>,
  defaults: TextOptions,
  { transport, hint }: Pick<ResourceContext, 'transport' | 'hint'>,
): Messages {
  // The length of a stream may not be known before it was sent; then the bytes that went tell.
  function watchSize(onSent: CallOptions['onSent']): (bytes: number) => void {
    let told = false;
    return (bytes) => {
      if (bytes > ADVISED_BYTES && !told) {
        told = true;
        hint({ operation: submit.name, notice: LARGE });
      }
      onSent?.(bytes);
    };
  }

  return {
    async send(message, { nonAsciiNames, nonAsciiSubject, onSent, ...options } = {}) {
      const request: SubmitRequest = {
        ...message,
        nonAsciiNames: nonAsciiNames ?? defaults.nonAsciiNames,
        nonAsciiSubject: nonAsciiSubject ?? defaults.nonAsciiSubject,
      };
      const reply = await transport
        .send(submit, request, { ...options, onSent: watchSize(onSent) })
        .catch((error: unknown) => {
          throw explainLost(error, message);
        });
      const id = reply.data ?? messageIdFromLink(reply.header('link'));
      if (id === undefined) throw withoutId(submit.name, reply.status);
      return { id, attachmentNames: uniqueNames(message.attachments.map(({ name }) => name)) };
    },
  };
}

// A server that refuses a message for its size may do so before it has read it, and hang up. A 413 that it wrote is read
// by the transport all the same; one that hangs up without cannot be understood, so the outcome stays unknown.
function explainLost(error: unknown, { attachments }: OutgoingMessage): unknown {
  if (!isConnectionError(error) || error.outcome !== 'unknown') return error;
  const { operation, outcome, host, attempts, code, hint: general, message } = error;
  const bytes = attachments.reduce((sum, attachment) => sum + (sizeOf(attachment) ?? 0), 0);
  return new ConnectionError({
    operation,
    outcome,
    host,
    attempts,
    code,
    message: general === undefined ? message : message.slice(0, -general.length).trimEnd(),
    hint:
      'Look for it with outbox.findSubmission before you send it again.' +
      (bytes > ADVISED_BYTES ? ` ${LARGE.replace('(413)', '(413), or hang up without an answer')}` : ''),
  });
}

function withoutId(operation: string, status: number): ResponseShapeError {
  return new ResponseShapeError({
    operation,
    status,
    message: `${operation}: the gateway took the message (${String(status)}), but its answer names no message id.`,
    hint: 'Do not send it again: look for it with outbox.findSubmission.',
    issues: [{ path: 'messageIdentifier', code: 'missing' }],
  });
}
