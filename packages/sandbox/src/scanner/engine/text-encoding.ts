/** A text and the way back into bytes. */
export interface DecodedText {
  readonly text: string;
  encode(text: string): Buffer;
}

/**
 * Decodes a document the way a browser would begin to: UTF-16 by its mark (or by the zero bytes of its first
 * character), UTF-8 if it is valid, else one byte per character, which loses nothing on the way back.
 * UTF-16 comes back as UTF-8, and its XML declaration is made to say so.
 *
 * @example
 * const { text, encode } = decodeText(bytes);
 * const cleaned = encode(text.toUpperCase());
 */
export function decodeText(bytes: Buffer): DecodedText {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0))
    return utf16(bytes, 'utf-16le');
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c))
    return utf16(bytes, 'utf-16be');
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { text, encode: (changed) => Buffer.from(changed, 'utf8') };
  } catch {
    return { text: bytes.toString('latin1'), encode: (changed) => Buffer.from(changed, 'latin1') };
  }
}

function utf16(bytes: Buffer, label: string): DecodedText {
  return {
    text: new TextDecoder(label).decode(bytes),
    encode: (changed) =>
      Buffer.from(
        changed.replace(/^(<\?xml[^>]*encoding\s*=\s*)(["'])utf-16(?:le|be)?\2/i, '$1$2utf-8$2'),
        'utf8',
      ),
  };
}
