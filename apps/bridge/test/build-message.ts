import type { Evidence } from '../src/domain/evidence';
import type { Message } from '../src/domain/message';
import { newMessage } from '../src/domain/new-message';

/** Ids that count up, so that a failing test reads well. */
export function countingIds(prefix = ''): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `${prefix}${String(count).padStart(32 - prefix.length, '0')}`;
  };
}

/** A message as intake makes it. */
export function buildMessage(
  options: {
    attachments?: number;
    destinations?: readonly string[];
    gatewayId?: string;
    newId?: () => string;
    takenAt?: number;
  } = {},
): Message {
  const destinations = options.destinations ?? ['warehouse'];
  const newId = options.newId ?? countingIds();
  const attachments = Array.from({ length: options.attachments ?? 1 }, (_, index) => ({
    name: `file-${String(index)}.edi`,
    contentType: 'application/edi-x12',
    media: 'edi' as const,
    size: 10 + index,
    sha256: String(index).repeat(64).slice(0, 64),
    custodyKey: newId(),
  }));
  return newMessage({
    station: 'HUB',
    partner: 'ACME',
    gatewayId: options.gatewayId ?? '<1@acme.example>',
    subject: 'Order',
    gatewayTime: 1_000,
    takenAt: options.takenAt ?? 2_000,
    attachments,
    contentDigest: `digest-${String(attachments.length)}`,
    route: {
      name: 'orders',
      match: { station: null, partner: null },
      destinations,
      onUnknown: 'hold',
      readElsewhere: 'hold',
      inOrder: false,
    },
    destinations: destinations.map((name) => ({
      name,
      unit: 'message',
      maxBytes: null,
      carriesName: () => true,
    })),
    conflict: null,
    mode: 'enforce',
    newId,
  }).message;
}

/** Evidence of one kind about some bytes. */
export function buildEvidence(
  conclusion: Evidence['conclusion'],
  bytes: Evidence['bytes'] = { size: 10, sha256: '0' },
): Evidence {
  const clears = conclusion === 'cleared' || conclusion === 'cleared-sanitized';
  return { conclusion, grade: 'upload-chain', bytes: clears ? bytes : null, reasons: [], scannerFileId: 'f' };
}
