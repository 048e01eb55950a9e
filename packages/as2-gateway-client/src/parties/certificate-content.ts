/**
 * An X.509 certificate: its bytes (DER, or the text of a PEM file), a PEM text, or base64 of the DER form. The
 * service is sent base64 in each case.
 */
export type CertificateContent = string | Uint8Array;

/** The base64 text that the service takes, or undefined where it is no certificate in any of these forms. */
export function base64OfCertificate(content: CertificateContent): string | undefined {
  const text = typeof content === 'string' ? content : pemTextOf(content);
  if (text === undefined) return Buffer.from(content as Uint8Array).toString('base64') || undefined;
  const armoured = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([\s\S]+?)-----END /.exec(text)?.[1];
  const base64 = (armoured ?? text).replace(/\s+/g, '');
  return /^[A-Za-z0-9+/]{4,}={0,2}$/.test(base64) ? base64 : undefined;
}

function pemTextOf(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return text.includes('-----BEGIN') ? text : undefined;
}
