import type { KeyObject } from 'node:crypto';
import { hkdfSync } from 'node:crypto';
import { CustodyDamagedError } from './custody';

/*
 * A sealed object, in the manner of the STREAM construction:
 *
 *   header 48 bytes | data frame 0 | data frame 1 | ... | closing frame
 *
 * Each frame is AES-256-GCM under a key of this object alone (HKDF of the ring's key and the header's random salt),
 * with the frame's number and a "last" flag as nonce and the header and the object's own name as associated data.
 * So a frame that is altered, moved, left out, or taken from another object does not open. Data frames hold
 * `frameBytes` each, but for the last of them: any of them is found by arithmetic. The closing frame, the only one with
 * the flag, holds the plain size and SHA-256: it is opened first, so that a cut is seen before a byte is given, and,
 * since only it carries the flag, frames are encrypted while they arrive instead of being kept until it is known
 * whether more follow.
 */

const magic = Buffer.from('MFTB');
const formatVersion = 1;
const keyIdBytes = 8;
const saltBytes = 32;

/** Bytes of the header, of the tag behind each frame, and of the whole closing frame. */
export const frameFormat = {
  headerBytes: 48,
  tagBytes: 16,
  closingBytes: 56,
  saltBytes,
  cipher: 'aes-256-gcm',
} as const;

/** Frames of 4 KiB to 16 MiB: what a header may ask a reader to keep in memory is bounded. */
const smallestShift = 12;
const largestShift = 24;

export interface FrameHeader {
  readonly keyId: string;
  readonly salt: Buffer;
  /** Plain bytes of each data frame but the last; a power of two. */
  readonly frameBytes: number;
}

/** The header's 48 bytes. @throws RangeError where frame size, key id or salt are not of the format */
export function encodeHeader({ keyId, salt, frameBytes }: FrameHeader): Buffer {
  const shift = Math.log2(frameBytes);
  const id = Buffer.from(keyId, 'hex');
  if (!Number.isInteger(shift) || shift < smallestShift || shift > largestShift) {
    throw new RangeError(`frameBytes is ${frameBytes}: it must be a power of two from 4096 to 16777216`);
  }
  if (id.length !== keyIdBytes || salt.length !== saltBytes)
    throw new RangeError('key id or salt of a wrong length');
  return Buffer.concat([magic, Buffer.from([formatVersion, shift, 0, 0]), id, salt]);
}

/** @throws CustodyDamagedError */
export function decodeHeader(bytes: Buffer): FrameHeader {
  if (bytes.length !== frameFormat.headerBytes || !bytes.subarray(0, 4).equals(magic)) {
    throw new CustodyDamagedError('it does not begin with the header of a sealed object');
  }
  const shift = bytes.readUInt8(5);
  if (bytes.readUInt8(4) !== formatVersion || shift < smallestShift || shift > largestShift) {
    throw new CustodyDamagedError('its header is altered, or of a version that this bridge does not know');
  }
  return {
    keyId: bytes.toString('hex', 8, 16),
    salt: Buffer.from(bytes.subarray(16)),
    frameBytes: 2 ** shift,
  };
}

/** The key of one object. */
export function objectKey(ringKey: KeyObject, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', ringKey, salt, 'mft-bridge custody frames 1', 32));
}

/** The nonce of a frame: unique, since each object has its own key. @throws RangeError beyond 2^32 frames */
export function frameNonce(index: number, closing: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(index, 7);
  nonce.writeUInt8(closing ? 1 : 0, 11);
  return nonce;
}

/** What every frame is bound to besides its key and its number. */
export function frameContext(header: Buffer, name: string): Buffer {
  return Buffer.concat([header, Buffer.from(name)]);
}

/** Number of data frames for `size` plain bytes. */
export function frameCount(size: number, frameBytes: number): number {
  return Math.ceil(size / frameBytes);
}

/** Bytes on disk for `size` plain bytes. */
export function sealedSize(size: number, frameBytes: number): number {
  const { headerBytes, tagBytes, closingBytes } = frameFormat;
  return headerBytes + size + frameCount(size, frameBytes) * tagBytes + closingBytes;
}
