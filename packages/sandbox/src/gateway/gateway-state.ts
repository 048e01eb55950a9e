import { randomInt } from 'node:crypto';
import type { Blob, BlobStore } from '../blob-store';
import type { Mailbox } from './mailbox';
import { createMailbox } from './mailbox';
import type { BoxName, GatewayMessage, MessageAttachment } from './message';
import type { ObjectStore } from './object-store';
import { createObjectStore } from './object-store';
import type { PartnerOptions } from './options';

/** What came with a message, not yet stored under a key. */
export interface IncomingAttachment {
  readonly name: string;
  readonly contentType: string;
  readonly blob: Blob;
}

/** Facts of a message that is about to be stored. */
interface NewMessage {
  readonly box: 'inbox' | 'queued';
  readonly identifier?: string | undefined;
  readonly station: string;
  readonly partner: string;
  readonly subject: string | undefined;
  readonly attachments: readonly IncomingAttachment[];
}

/** All that one gateway remembers, and how a message gets in and out of it. */
export interface GatewayState {
  readonly clock: () => number;
  readonly blobs: BlobStore;
  readonly mailbox: Mailbox;
  readonly objects: ObjectStore;
  /** AS2 identifiers of our side; the REST API can add to them. */
  readonly stations: string[];
  readonly partners: Map<string, PartnerOptions>;
  /** Hashes the content, stores it under its keys and puts the message into its box. */
  add(message: NewMessage): Promise<GatewayMessage>;
  /** Takes its content away and leaves the record. */
  removeContent(message: GatewayMessage): Promise<void>;
  /** Whether content of this age (epoch ms) was deleted by the bucket's lifecycle. */
  outlived(timestamp: number): boolean;
  /** Another record of a message that is there, under the same id and with the same content. */
  addCopy(message: GatewayMessage, box: BoxName, timestamp: number): GatewayMessage;
  /** Takes a message away, and its content with the last record that has it. */
  remove(message: GatewayMessage): Promise<void>;
}

export function createGatewayState(options: {
  readonly clock: () => number;
  readonly blobs: BlobStore;
  readonly stations: readonly string[];
  readonly partners: readonly PartnerOptions[];
  /** Of attachments and MDNs, ms. */
  readonly contentLifetimeMs: number;
  /** A key that is not there is answered 403. */
  readonly missingIsDenied: boolean;
}): GatewayState {
  const { clock, blobs } = options;
  const mailbox = createMailbox();
  const objects = createObjectStore(clock, {
    lifetimeMs: options.contentLifetimeMs,
    missingIsDenied: options.missingIsDenied,
  });
  // 18 digits and steps of one, as in the vendor's example: a caller that parses them as numbers sees neighbours
  // become equal. The random part keeps the ids of one run apart from those of the next.
  let serial = BigInt(Math.floor(clock())) * 100_000n + BigInt(randomInt(10_000));

  function store(
    message: NewMessage,
    folder: string,
    sha256: readonly string[],
  ): readonly MessageAttachment[] {
    return message.attachments.map(({ name, contentType, blob }, position) => {
      const own = `${folder}/${name}`;
      const key = objects.has(own) ? `${folder}-${String(position)}/${name}` : own;
      objects.put(key, { blob, name, contentType, modified: clock() });
      return { name, contentType, blob, size: blob.size, sha256: sha256[position] ?? '', key };
    });
  }

  async function removeContent(message: GatewayMessage): Promise<void> {
    for (const { key } of message.attachments) await objects.remove(key);
    await objects.remove(mdnKey(message));
  }

  return {
    clock,
    blobs,
    removeContent,
    outlived: (timestamp) => clock() >= timestamp + options.contentLifetimeMs,
    mailbox,
    objects,
    stations: [...options.stations],
    partners: new Map(options.partners.map((partner) => [partner.identifier, partner])),
    async add(message) {
      const sha256 = await Promise.all(message.attachments.map(({ blob }) => blob.sha256()));
      serial += 1n;
      const { box, station, partner, subject } = message;
      const inbound = box === 'inbox';
      const folder = `AS2/files/${station}/${partner}/${inbound ? 'inbox' : 'outbox'}/${String(serial)}`;
      const made = inbound
        ? `<${String(serial)}.1@${partner.toLowerCase().replace(/[^a-z0-9-]+/g, '-')}.example>`
        : `<${String(serial)}.as2@mftgateway.com>`;
      const stored: GatewayMessage = {
        serial,
        identifier: message.identifier ?? made,
        station,
        partner,
        subject,
        timestamp: clock(),
        attachments: store(message, folder, sha256),
        box,
        read: false,
        mdn: undefined,
        failures: 0,
      };
      mailbox.add(stored);
      return stored;
    },
    addCopy(message, box, timestamp) {
      serial += 1n;
      const copy: GatewayMessage = { ...message, serial, box, timestamp };
      mailbox.add(copy);
      return copy;
    },
    async remove(message) {
      mailbox.remove(message);
      const side = message.box === 'inbox' ? 'inbox' : 'outbox';
      const others = mailbox.withId(side, message.identifier);
      if (others.some(({ attachments }) => attachments === message.attachments)) return;
      await removeContent(message);
    },
  };
}

/** Where the MDN of a message lies (reference, section 7: `AS2/raw-mdn/incoming/<id>/mdn.raw`). */
export function mdnKey(message: GatewayMessage): string {
  const direction = message.box === 'inbox' ? 'outgoing' : 'incoming';
  return `AS2/raw-mdn/${direction}/${message.identifier}/mdn.raw`;
}
