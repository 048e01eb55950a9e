import { createCipheriv } from 'node:crypto';

const BLOCK_BYTES = 16;

/**
 * Applies the AES-256-CTR keystream that belongs to `offset`: encrypts and decrypts alike, from any position.
 *
 * @example
 * const sealed = applyKeystream({ key, nonce }, 4096, chunk);
 * const clear = applyKeystream({ key, nonce }, 4096, sealed);
 */
export function applyKeystream(
  cipher: { readonly key: Buffer; readonly nonce: Buffer },
  offset: number,
  chunk: Uint8Array,
): Buffer {
  const counter = Buffer.alloc(BLOCK_BYTES);
  cipher.nonce.copy(counter, 0, 0, 8);
  counter.writeBigUInt64BE(BigInt(Math.floor(offset / BLOCK_BYTES)), 8);
  const stream = createCipheriv('aes-256-ctr', cipher.key, counter);
  const skipped = offset % BLOCK_BYTES;
  if (skipped > 0) stream.update(Buffer.alloc(skipped));
  return stream.update(chunk);
}
