import { mimeParts } from './mime-parts';
import { parseDisposition } from './parse-disposition';
import type { Disposition } from './parse-disposition';

/** A receipt (MDN), taken apart. */
export interface Mdn {
  /** What it says about the message; undefined where no `Disposition` field can be found. */
  readonly disposition?: Disposition;
  /** The fields of the part for machines, names in lower case, e.g. `original-message-id`. */
  readonly fields: ReadonlyMap<string, string>;
  /** The text for people. */
  readonly humanMessage?: string;
  /** AS2 message id of the message that it is about. */
  readonly originalMessageId?: string;
  /** Digest of what was received, e.g. `"<base64>, sha1"`: to be compared with that of what was sent. */
  readonly receivedContentMic?: string;
  /** Whether it came in a signed envelope. **The signature was not checked here**; the gateway did, see its status. */
  readonly signed: boolean;
  /** As it went over the wire. */
  readonly raw: Buffer;
}

const DISPOSITION_TYPE = 'message/disposition-notification';

/**
 * Reads an MDN by RFC 3798 (`multipart/report`), signed or not, with or without the HTTP headers in front. It never
 * throws: what cannot be found is absent, and an MDN without disposition proves nothing.
 *
 * @example parseMdn(raw).disposition?.outcome; // 'processed'
 */
export function parseMdn(raw: Uint8Array): Mdn {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const parts = mimeParts(bytes.toString('latin1'));
  const report = parts.find(({ type }) => type === DISPOSITION_TYPE);
  const human = parts.find(({ type }) => type === 'text/plain');
  const fields = fieldsOf(report?.text ?? '');
  const disposition = fields.get('disposition');
  const humanMessage = human?.text.trim();
  const messageId = fields.get('original-message-id');
  const mic = fields.get('received-content-mic');
  return {
    ...(disposition ? { disposition: parseDisposition(disposition) } : {}),
    fields,
    ...(humanMessage ? { humanMessage } : {}),
    ...(messageId ? { originalMessageId: messageId } : {}),
    ...(mic ? { receivedContentMic: mic } : {}),
    signed: parts.some(({ type }) => /^application\/(x-)?pkcs7-signature$/.test(type)),
    raw: bytes,
  };
}

// A field that comes twice keeps its first value. But two dispositions that differ are no statement at all: a second
// one must not turn a bad receipt into a good one.
function fieldsOf(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const [, name, value] = /^([!-9;-~]+)[ \t]*:[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const key = name.toLowerCase();
    const known = fields.get(key);
    if (known === undefined) fields.set(key, value);
    else if (key === 'disposition' && known !== value) fields.set(key, '');
  }
  return fields;
}
