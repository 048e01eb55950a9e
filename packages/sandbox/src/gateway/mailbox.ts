import type { BoxName, GatewayMessage } from './message';

/** `queued`, `failed`, `incomplete` and `sent` are all found under `/message/outbox/{id}`. */
export type Side = 'inbox' | 'outbox';

/** All messages of one gateway. Look-ups by id cost the same for ten messages and for a million. */
export interface Mailbox {
  add(message: GatewayMessage): void;
  move(message: GatewayMessage, box: BoxName): void;
  remove(message: GatewayMessage): void;
  setRead(message: GatewayMessage, read: boolean): void;
  /** Records of one id, oldest first: a partner that sends an id again makes a second record. */
  withId(side: Side, identifier: string): readonly GatewayMessage[];
  /** Oldest first. */
  inBox(box: BoxName): ReadonlySet<GatewayMessage>;
  /** Inbox messages not yet read through the API, oldest first. */
  unread(): ReadonlySet<GatewayMessage>;
}

export function createMailbox(): Mailbox {
  const boxes: Record<BoxName, Set<GatewayMessage>> = {
    inbox: new Set(),
    sent: new Set(),
    queued: new Set(),
    failed: new Set(),
    incomplete: new Set(),
  };
  const byId: Record<Side, Map<string, GatewayMessage[]>> = { inbox: new Map(), outbox: new Map() };
  let unread = new Set<GatewayMessage>();
  let unreadInOrder = true;

  function idsOf(message: GatewayMessage): Map<string, GatewayMessage[]> {
    return byId[message.box === 'inbox' ? 'inbox' : 'outbox'];
  }

  return {
    add(message) {
      boxes[message.box].add(message);
      if (message.box === 'inbox' && !message.read) unread.add(message);
      const known = idsOf(message).get(message.identifier);
      if (known === undefined) idsOf(message).set(message.identifier, [message]);
      else known.push(message);
    },
    move(message, box) {
      boxes[message.box].delete(message);
      message.box = box;
      boxes[box].add(message);
      // The last of an id's records is what the id stands for: not an older one that failed, once this one was sent.
      const records = idsOf(message).get(message.identifier) ?? [];
      if (records.length > 1)
        idsOf(message).set(message.identifier, [...records.filter((other) => other !== message), message]);
    },
    remove(message) {
      boxes[message.box].delete(message);
      unread.delete(message);
      const left = (idsOf(message).get(message.identifier) ?? []).filter((other) => other !== message);
      if (left.length === 0) idsOf(message).delete(message.identifier);
      else idsOf(message).set(message.identifier, left);
    },
    setRead(message, read) {
      if (message.read === read) return;
      message.read = read;
      if (read) unread.delete(message);
      else {
        // A set keeps the order of insertion: what becomes unread again stands at the end until the next list.
        unread.add(message);
        unreadInOrder = false;
      }
    },
    withId: (side, identifier) => byId[side].get(identifier) ?? [],
    inBox: (box) => boxes[box],
    unread() {
      if (!unreadInOrder) {
        unread = new Set([...unread].sort((a, b) => (a.serial < b.serial ? -1 : 1)));
        unreadInOrder = true;
      }
      return unread;
    },
  };
}
