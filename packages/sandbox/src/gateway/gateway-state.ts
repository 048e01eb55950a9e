import { randomInt } from 'node:crypto';
import type { Blob, BlobStore } from '../blob-store';
import type { Mailbox } from './mailbox';
import { createMailbox } from './mailbox';
import type { GatewayMessage, MessageAttachment } from './message';
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
  readonly stations: readonly string[];
  readonly partners: ReadonlyMap<string, PartnerOptions>;
  /** Hashes the content, stores it under its keys and puts the message into its box. */
  add(message: NewMessage): Promise<GatewayMessage>;
  /** Takes a message and its content away. */
  remove(message: GatewayMessage): Promise<void>;
}

export function createGatewayState(options: {
  readonly clock: () => number;
  readonly blobs: BlobStore;
  readonly stations: readonly string[];
  readonly partners: readonly PartnerOptions[];
}): GatewayState {
  const { clock, blobs } = options;
  const mailbox = createMailbox();
  const objects = createObjectStore(clock);
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

  return {
    clock,
    blobs,
    mailbox,
    objects,
    stations: options.stations,
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
      };
      mailbox.add(stored);
      return stored;
    },
    async remove(message) {
      mailbox.remove(message);
      for (const { key, blob } of message.attachments) {
        objects.remove(key);
        await blob.dispose();
      }
      objects.remove(mdnKey(message));
    },
  };
}

/** Where the MDN of a message lies (reference, section 7: `AS2/raw-mdn/incoming/<id>/mdn.raw`). */
export function mdnKey(message: GatewayMessage): string {
  const direction = message.box === 'inbox' ? 'outgoing' : 'incoming';
  return `AS2/raw-mdn/${direction}/${message.identifier}/mdn.raw`;
}
