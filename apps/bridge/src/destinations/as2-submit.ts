import type { Readable } from 'node:stream';
import { Readable as ReadableStream } from 'node:stream';
import type { As2GatewayClient } from '@mft-bridge/as2-gateway-client';
import {
  isApiError,
  isConnectionError,
  isForbiddenError,
  isInvalidRequestError,
  isMftBridgeError,
  isRateLimitedError,
  isUnauthorizedError,
} from '@mft-bridge/http-transport';
import { CustodyUnavailableError } from '../custody/custody';
import { reason } from '../domain/reason';
import type { Consignment, DeliveryOutcome, DeliverySteps } from './destination';
import type { SendWindow } from './send-window';
import type { CustodyFault } from './withhold';
import { withhold } from './withhold';

export interface As2Submission {
  readonly gateway: As2GatewayClient;
  readonly from: string;
  readonly to: string;
  readonly subject: string | null;
  readonly consignment: Consignment;
  readonly steps: DeliverySteps;
}

/**
 * Hands a message to the gateway, once, within the window that its intent names: the clock is looked at before the call,
 * again when token and request limit let it begin, and for each piece of the body. Until something has left it is withdrawn
 * as well where nothing may be forwarded any more.
 */
export async function submitToGateway(submission: As2Submission): Promise<DeliveryOutcome> {
  const { gateway, from, to, subject, consignment, steps } = submission;
  const window = await steps.intend();
  const faults: CustodyFault[] = [];
  let handedOver = 0;
  const look = (): void => (handedOver === 0 ? window.checkBegin() : window.check());
  // Other calls of the gateway's client tell of themselves as well; to look once more does no harm.
  const forget = gateway.on('request', look);
  try {
    look();
    const { id } = await gateway.messages.send(
      {
        from,
        to,
        ...(subject === null ? {} : { subject }),
        attachments: consignment.parcels.map((parcel) => ({
          name: parcel.name,
          ...(parcel.contentType === null ? {} : { contentType: parcel.contentType }),
          size: parcel.size,
          content: () =>
            within(
              window,
              withhold(parcel, (error) => faults.push(error)),
            ),
        })),
      },
      {
        signal: window.signal,
        // 0 would switch the clock off.
        clocks: { totalMs: Math.max(1, Math.ceil(window.leftMs())) },
        priority: 2,
        onSent: (bytes) => {
          handedOver = Math.max(handedOver, bytes);
          steps.onBytes(bytes);
        },
      },
    );
    return { type: 'submitted', remoteId: id };
  } catch (error) {
    // What failed the request says more than the request's own error.
    const [fault] = faults;
    // Even the headers leave only together with the first byte of the body.
    if (fault instanceof CustodyUnavailableError && handedOver === 0)
      return { type: 'not-sent', why: fault.message, cause: fault };
    if (fault !== undefined) throw fault;
    if (window.signal.aborted && handedOver === 0)
      return { type: 'not-sent', why: whyAborted(window), cause: error };
    return outcomeOfError(error);
  } finally {
    forget();
    window.end();
  }
}

/** What a failed submit means. Only "provably not sent" and "refused" may lead to another submit. Pure. */
export function outcomeOfError(error: unknown): DeliveryOutcome {
  if (!isMftBridgeError(error)) throw error;
  if (isInvalidRequestError(error))
    return { type: 'failed', reasons: [reason('delivery-refused', error.message)] };
  const passing = isUnauthorizedError(error) || isForbiddenError(error) || isRateLimitedError(error);
  if (error.outcome === 'not-sent' || passing) return { type: 'not-sent', why: error.message, cause: error };
  if (error.outcome === 'rejected' && isApiError(error)) {
    return { type: 'failed', reasons: [reason('delivery-refused', error.message)] };
  }
  if (isConnectionError(error) || error.outcome === 'unknown') {
    return {
      type: 'lost',
      why: `the answer to the submission was lost (${error.message})`,
      cause: error,
    };
  }
  throw error;
}

/** The bytes, each piece of which is let go only while it may still be sent. */
function within(window: SendWindow, source: Readable): Readable {
  async function* pieces(): AsyncGenerator<Buffer, void> {
    for await (const piece of source as AsyncIterable<Buffer>) {
      window.check();
      yield piece;
    }
  }
  return ReadableStream.from(pieces(), { objectMode: false, highWaterMark: 1024 * 1024 });
}

function whyAborted({ signal }: SendWindow): string {
  return signal.reason instanceof Error ? signal.reason.message : 'the call was cut off before it began';
}
