/**
 * Why something waits, is held, quarantined or dead: the machine word, and the sentence that a person reads.
 * The sentence says what it means for the file and, where a person can do something, what.
 */
const sentences = {
  'no-attachment': 'The message carries no attachment; "all of none is clean" is no clearance.',
  'empty-attachment': 'An attachment is empty; there are no bytes that evidence could be about.',
  'no-route':
    'No route matches this station and partner. Add one to the configuration and replay the message.',
  'too-large': "An attachment is larger than the route's destination takes.",
  'name-not-transmittable': 'A file name cannot be carried by the destination without being changed.',
  'id-conflict': 'The partner used the id of an earlier message for other content.',
  'read-elsewhere': 'The message was marked read by somebody else before it was in custody.',
  'after-restore':
    'The ledger was restored from a backup: it is not known what became of this message after the backup was made.',
  'scanner-distrusted':
    'The scanner failed its self-test at a time when this was scanned: its answer counts for nothing. Replay the message for a fresh scan.',
  'scanner-blocked': 'The scanner blocked the file.',
  'scanner-held': "The scanner's answer is no positive evidence.",
  'scanner-gone':
    'The file disappeared from the scanner after the upload: deleted, blocked and deleted, or expired.',
  'scanner-unreadable': "The scanner's answers could not be understood.",
  'evidence-mismatch': "The scanner's answer is not about the bytes in custody.",
  'scan-overdue': 'The scan did not finish before its deadline.',
  'sanitized-not-forwardable':
    'The scanner changed the file, and sanitized bytes are not forwarded for this kind of content.',
  'sibling-blocked': 'Another attachment of the same message was blocked; messages travel whole.',
  'sibling-held': 'Another attachment of the same message is held; messages travel whole.',
  'delivery-refused': 'The destination refused the delivery.',
  'delivery-failed': 'The destination reported that the delivery failed.',
  'delivery-unknown':
    'It is not known whether the destination has the message; it is not sent again by the machine.',
  'delivery-overdue': 'The delivery was not confirmed before its deadline.',
  'tries-exhausted': 'The bounded number of tries is used up.',
  'custody-damaged': 'The bytes in custody do not pass their check.',
} as const;

export type ReasonCode = keyof typeof sentences;

export interface Reason {
  readonly code: ReasonCode;
  /** The sentence, with the facts of this case behind it. Holds no secret and at most 500 characters. */
  readonly text: string;
}

/** A reason whose sentence somebody else wrote: the scanner's own words about a file. */
export function reasonInWords(code: ReasonCode, words: readonly string[]): Reason {
  return words.length === 0 ? reason(code) : { code, text: bounded(words.join(' ')) };
}

/** The reason for `code`; `detail` adds the facts of the case ("23,068,672 bytes; at most 4,194,304"). */
export function reason(code: ReasonCode, detail?: string): Reason {
  const text = detail === undefined || detail === '' ? sentences[code] : `${sentences[code]} (${detail})`;
  return { code, text: bounded(text) };
}

const bounded = (text: string): string => (text.length > 500 ? `${text.slice(0, 497)}...` : text);
