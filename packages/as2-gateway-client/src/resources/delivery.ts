import { isNotFoundError } from '@mft-bridge/http-transport';
import type { CallOptions } from '@mft-bridge/http-transport';
import type { Disposition } from '../mdn/parse-disposition';
import { isGoodDisposition } from '../mdn/parse-disposition';
import { sameMessageId } from '../message-id';
import type { OutboxBox } from '../operations/outbox';
import type { OutboxMessage } from '../schemas/message';
import type { OutboxReader } from './outbox-reader';
import { walkPages } from './walk-pages';

/** Where a sent message stands. */
export interface Delivery {
  /** `unknown`: in no box at this moment. Right after a submit that is normal; it is never a failure. */
  readonly state: OutboxBox | 'unknown';
  /** What the partner's receipt says, once it is there. */
  readonly disposition?: Disposition;
  /**
   * True only if the message stands among the sent ones, the partner's MDN says `processed` without error or
   * failure, and the digest in it is not known to differ from ours.
   */
  readonly good: boolean;
  /** The message, where the service shows it. */
  readonly message?: OutboxMessage;
}

const PAGE_LENGTH = 100;
/** Asked by id, a box answers with one entry or a few. More pages mean that it ignored the filter. */
const MAX_PAGES = 5;

/** One look. */
export async function lookForDelivery(
  outbox: OutboxReader,
  id: string,
  options?: CallOptions,
): Promise<Delivery> {
  const message = await getUnlessMissing(outbox, id, options);
  const shown = message && stateOf(message);
  if (message && shown) return deliveryOf(shown, message);

  // The documentation says both that this address serves queued and failed messages and that it stops working for
  // them. So a 404 says nothing, and the lists decide: queued before failed, as a message under retry may be in both.
  for (const box of message
    ? (['sent', 'queued', 'incomplete'] as const)
    : (['queued', 'incomplete'] as const)) {
    if (await isListed(outbox, box, id, options)) return deliveryOf(box, message);
  }
  if (!(await isListed(outbox, 'failed', id, options))) return deliveryOf('unknown', message);

  // "Failed" is final for whoever reads it, and the message may have moved while we looked: an entry of an earlier
  // try stays in the list when the next one succeeds. So the outbox has the last word.
  const again = await getUnlessMissing(outbox, id, options);
  return deliveryOf((again && stateOf(again)) ?? 'failed', again ?? message);
}

async function getUnlessMissing(
  outbox: OutboxReader,
  id: string,
  options?: CallOptions,
): Promise<OutboxMessage | undefined> {
  try {
    return await outbox.get(id, options);
  } catch (error) {
    if (isNotFoundError(error)) return undefined;
    throw error;
  }
}

async function isListed(
  outbox: OutboxReader,
  box: OutboxBox,
  id: string,
  options?: CallOptions,
): Promise<boolean> {
  const readPage = (page: number) =>
    outbox.list({ box, id, page, pageLength: PAGE_LENGTH, sort: 'desc' }, options);
  for await (const ids of walkPages(readPage, { pageLength: PAGE_LENGTH, maxPages: MAX_PAGES })) {
    if (ids.some((listed) => sameMessageId(listed, id))) return true;
  }
  return false;
}

// The words are an open set (`Sent` is the only one documented for this side); one that we do not know decides nothing.
function stateOf({ status, receipt }: OutboxMessage): OutboxBox | undefined {
  const word = status?.trim().toLowerCase() ?? '';
  if (word.startsWith('sent')) return 'sent';
  if (word.startsWith('queue') || word.startsWith('pending')) return 'queued';
  if (word.includes('fail')) return 'failed';
  if (word.startsWith('incomplete')) return 'incomplete';
  return status === undefined && receipt?.disposition ? 'sent' : undefined;
}

function deliveryOf(state: Delivery['state'], message: OutboxMessage | undefined): Delivery {
  const disposition = message?.receipt?.disposition;
  return {
    state,
    ...(disposition ? { disposition } : {}),
    good: state === 'sent' && message !== undefined && isGoodReceipt(message),
    ...(message ? { message } : {}),
  };
}

// A receipt that is not incoming is one that we sent ourselves, and proves nothing about the partner.
function isGoodReceipt({ receipt, micMatches }: OutboxMessage): boolean {
  if (!receipt?.disposition || receipt.incoming === false) return false;
  return isGoodDisposition(receipt.disposition) && micMatches !== false;
}
