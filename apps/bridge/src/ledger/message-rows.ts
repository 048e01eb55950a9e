import type { Delivery, DeliveryState } from '../domain/delivery';
import type { Evidence, Fingerprint } from '../domain/evidence';
import type { Media } from '../domain/media';
import type { Attachment, Message, Mode } from '../domain/message';
import type { Obligation, Place } from '../domain/obligation';
import type { Reason } from '../domain/reason';
import type { AttachmentRow, DeliveryRow, MessageRow, ObligationRow } from './tables';

/** What the rows of a message look like; the columns that only the ledger knows (state, chain, claims) are left out. */
export interface MessageRows {
  readonly message: Omit<MessageRow, 'state' | 'settled_at' | 'head_sequence' | 'head_hash'>;
  readonly attachments: readonly AttachmentRow[];
  readonly obligations: readonly ObligationRow[];
  readonly deliveries: readonly Omit<DeliveryRow, 'claimed_id'>[];
}

/** The rows of an aggregate. Pure; `decodeMessage` is its inverse. */
export function encodeMessage(message: Message): MessageRows {
  const { id } = message;
  return {
    message: {
      id,
      station: message.station,
      partner: message.partner,
      gateway_id: message.gatewayId,
      subject: message.subject,
      gateway_time: message.gatewayTime,
      taken_at: message.takenAt,
      content_digest: message.contentDigest,
      route: message.route,
      acknowledged: message.acknowledged ? 1 : 0,
      resends: message.resends,
      policy_version: message.policyVersion,
      mode: message.mode,
      legal_hold: message.legalHold ? 1 : 0,
      bytes_removed: message.bytesRemoved ? 1 : 0,
      revision: message.revision,
    },
    attachments: message.attachments.map((attachment, ordinal) => encodeAttachment(id, ordinal, attachment)),
    obligations: message.obligations.map((obligation, ordinal) => ({
      id: obligation.id,
      message_id: id,
      ordinal,
      attachment_id: obligation.attachmentId,
      destination: obligation.destination,
      place: obligation.place,
      reasons: JSON.stringify(obligation.reasons),
      delivery_id: obligation.deliveryId,
    })),
    deliveries: message.deliveries.map((delivery, ordinal) => ({
      id: delivery.id,
      message_id: id,
      ordinal,
      destination: delivery.destination,
      state: delivery.state,
      intended_at: delivery.intendedAt,
      send_by: delivery.sendBy,
      remote_id: delivery.remoteId,
      proof: delivery.proof,
    })),
  };
}

function encodeAttachment(messageId: string, ordinal: number, attachment: Attachment): AttachmentRow {
  const { scan } = attachment;
  return {
    id: attachment.id,
    message_id: messageId,
    ordinal,
    position: attachment.position,
    name: attachment.name,
    content_type: attachment.contentType,
    media: attachment.media,
    size: attachment.size,
    sha256: attachment.sha256,
    custody_key: attachment.custodyKey,
    scan_group_id: scan.groupId,
    scan_upload_name: scan.uploadName,
    scan_file_id: scan.fileId,
    scan_uploaded_size: scan.uploaded?.size ?? null,
    scan_uploaded_sha256: scan.uploaded?.sha256 ?? null,
    scan_evidence: scan.evidence === null ? null : JSON.stringify(scan.evidence),
    scan_sanitized_size: scan.sanitized?.size ?? null,
    scan_sanitized_sha256: scan.sanitized?.sha256 ?? null,
    scan_sanitized_custody_key: scan.sanitized?.custodyKey ?? null,
    scan_disposed: scan.disposed ? 1 : 0,
  };
}

/** The aggregate of rows that were read in order of their ordinals. Pure. */
export function decodeMessage({ message, attachments, obligations, deliveries }: MessageRows): Message {
  return {
    id: message.id,
    station: message.station,
    partner: message.partner,
    gatewayId: message.gateway_id,
    subject: message.subject,
    gatewayTime: message.gateway_time,
    takenAt: message.taken_at,
    contentDigest: message.content_digest,
    route: message.route,
    acknowledged: message.acknowledged === 1,
    resends: message.resends,
    policyVersion: message.policy_version,
    mode: message.mode as Mode,
    legalHold: message.legal_hold === 1,
    bytesRemoved: message.bytes_removed === 1,
    revision: message.revision,
    attachments: attachments.map(decodeAttachment),
    obligations: obligations.map((row): Obligation => ({
      id: row.id,
      attachmentId: row.attachment_id,
      destination: row.destination,
      place: row.place as Place,
      reasons: JSON.parse(row.reasons) as Reason[],
      deliveryId: row.delivery_id,
    })),
    deliveries: deliveries.map((row): Delivery => ({
      id: row.id,
      destination: row.destination,
      state: row.state as DeliveryState,
      intendedAt: row.intended_at,
      sendBy: row.send_by,
      remoteId: row.remote_id,
      proof: row.proof,
    })),
  };
}

function decodeAttachment(row: AttachmentRow): Attachment {
  const sanitized = fingerprint(row.scan_sanitized_size, row.scan_sanitized_sha256);
  const custodyKey = row.scan_sanitized_custody_key;
  return {
    id: row.id,
    position: row.position,
    name: row.name,
    contentType: row.content_type,
    media: row.media as Media,
    size: row.size,
    sha256: row.sha256,
    custodyKey: row.custody_key,
    scan: {
      groupId: row.scan_group_id,
      uploadName: row.scan_upload_name,
      fileId: row.scan_file_id,
      uploaded: fingerprint(row.scan_uploaded_size, row.scan_uploaded_sha256),
      evidence: row.scan_evidence === null ? null : (JSON.parse(row.scan_evidence) as Evidence),
      sanitized: sanitized === null || custodyKey === null ? null : { ...sanitized, custodyKey },
      disposed: row.scan_disposed === 1,
    },
  };
}

function fingerprint(size: number | null, sha256: string | null): Fingerprint | null {
  return size === null || sha256 === null ? null : { size, sha256 };
}
