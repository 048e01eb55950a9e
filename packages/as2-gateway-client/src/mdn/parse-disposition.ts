/**
 * What the receiver of an AS2 message said about it.
 *
 * - `processed`: taken as sent.
 * - `processed-with-warning`: taken, with a remark.
 * - `processed-with-error`: received, but not taken (could not be decrypted, bad signature, …).
 * - `failed`: not taken.
 * - `unknown`: none of these could be read from the text. Never treat it as good.
 */
export type DispositionOutcome =
  'processed' | 'processed-with-warning' | 'processed-with-error' | 'failed' | 'unknown';

/** One modifier behind the slash, e.g. `error: decryption-failed`. */
export interface DispositionModifier {
  /** Lower-case keyword; `extension` for one that neither RFC names. */
  readonly kind: 'warning' | 'error' | 'failure' | 'extension';
  /** The text behind the keyword, or the whole modifier for an `extension`. */
  readonly text: string;
}

/** The `Disposition` field of an MDN, taken apart. */
export interface Disposition {
  /** The field's value as it came, unfolded. */
  readonly text: string;
  /** `automatic-action` or `manual-action`, where given. */
  readonly actionMode?: string;
  /** `mdn-sent-automatically` or `mdn-sent-manually`, where given. */
  readonly sendingMode?: string;
  /** The disposition type in lower case: `processed`, `failed`, `displayed`, … */
  readonly type: string;
  /** What stands behind the slash, in its order. */
  readonly modifiers: readonly DispositionModifier[];
  /** What all of it comes to. */
  readonly outcome: DispositionOutcome;
}

/**
 * Reads the `Disposition` field of an MDN by RFC 3798 section 3.2.6 and RFC 4130 section 7.4.3.
 *
 * Case, spacing, folding and a leading field name are forgiven. Whatever is not understood gives the outcome
 * `unknown`, never `processed`. It never throws.
 *
 * @example
 * parseDisposition('automatic-action/MDN-sent-automatically; processed/error: decryption-failed').outcome;
 * // 'processed-with-error'
 */
export function parseDisposition(text: string): Disposition {
  const value = text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^disposition ?: ?/i, '');
  const semicolon = value.indexOf(';');
  const mode = semicolon < 0 ? '' : value.slice(0, semicolon);
  const rest = value.slice(semicolon + 1).trim();
  const slash = rest.indexOf('/');
  const type = (slash < 0 ? rest : rest.slice(0, slash)).trim().toLowerCase();
  const modifiers = slash < 0 ? [] : splitModifiers(rest.slice(slash + 1));
  const [actionMode, sendingMode] = mode.split('/').map((part) => part.trim().toLowerCase());
  return {
    text: value,
    ...(actionMode ? { actionMode } : {}),
    ...(sendingMode ? { sendingMode } : {}),
    type,
    modifiers,
    outcome: outcomeOf(type, modifiers),
  };
}

/** True only for an MDN that says the message was taken: `processed`, with no error and no failure. */
export function isGoodDisposition(disposition: Disposition): boolean {
  return disposition.outcome === 'processed' || disposition.outcome === 'processed-with-warning';
}

// A description may hold commas itself (RFC 4130 gives free text), so only a piece that begins with a keyword
// starts a new modifier; another piece continues the description before it.
function splitModifiers(text: string): DispositionModifier[] {
  const modifiers: { kind: DispositionModifier['kind']; text: string }[] = [];
  for (const piece of text.split(',')) {
    // The keyword is also taken without its colon: `error unsupported format` must never read as good.
    const match = /^ *(error|warning|failure)(?![a-z0-9-]) *:? *(.*)$/i.exec(piece);
    const last = modifiers.at(-1);
    if (match?.[1] !== undefined) {
      modifiers.push({ kind: keyword(match[1]), text: (match[2] ?? '').trim() });
    } else if (last) {
      last.text = `${last.text},${piece}`;
    } else {
      modifiers.push({ kind: 'extension', text: piece.trim() });
    }
  }
  return modifiers;
}

function keyword(text: string): 'warning' | 'error' | 'failure' {
  const lower = text.toLowerCase();
  return lower === 'warning' || lower === 'error' ? lower : 'failure';
}

function outcomeOf(type: string, modifiers: readonly DispositionModifier[]): DispositionOutcome {
  if (type === 'failed' || modifiers.some(({ kind }) => kind === 'failure')) return 'failed';
  if (type !== 'processed') return 'unknown';
  if (modifiers.some(({ kind }) => kind === 'error')) return 'processed-with-error';
  if (modifiers.some(({ kind }) => kind === 'extension')) return 'unknown';
  return modifiers.length > 0 ? 'processed-with-warning' : 'processed';
}
