import { isGoodDisposition, parseDisposition } from '../mdn/parse-disposition';
import type { Delivery } from '../resources/delivery';
import { buildOutboxMessage } from './build-message';

/**
 * What `outbox.delivery` gives for a message in a state; for `sent` with the text of the receipt's disposition.
 *
 * @example const refused = buildDelivery('sent', 'automatic-action/MDN-sent-automatically; processed/error: x');
 */
export function buildDelivery(
  state: Delivery['state'] = 'sent',
  disposition = 'automatic-action/MDN-sent-automatically; processed',
): Delivery {
  if (state === 'unknown') return { state, good: false };
  if (state !== 'sent') return { state, good: false, message: buildOutboxMessage({ status: state }) };
  const parsed = parseDisposition(disposition);
  const receipt = { disposition: parsed, incoming: true, signed: true };
  return {
    state,
    disposition: parsed,
    good: isGoodDisposition(parsed),
    message: buildOutboxMessage({ receipt, micMatches: true }),
  };
}
