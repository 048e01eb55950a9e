import { createDecipheriv } from 'node:crypto';
import { CustodyDamagedError } from './custody';
import {
  decodeHeader,
  frameContext,
  frameCount,
  frameFormat,
  frameNonce,
  objectKey,
  sealedSize,
} from './frame-format';
import type { KeyRing } from './key-ring';

const { headerBytes, tagBytes, closingBytes } = frameFormat;

/** A stored object that is no larger is read at once: header, frame and end would be three reads, each a trip through Node's pool. */
const wholeBytes = 64 * 1024;

/** A sealed object, wherever it is: a file, or what a store gives of it. A read may bring less than was asked for. */
export interface SealedSource {
  stat(): Promise<{ readonly size: number }>;
  read(
    into: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
}

export interface OpenFramesOptions {
  readonly keyRing: KeyRing;
  /** The name under which it was sealed. */
  readonly name: string;
  /** First plain byte wanted; frames before it are not read. Default 0. */
  readonly start?: number;
}

/**
 * The plain bytes of a sealed object, a frame at a time: each is given only after its tag was checked.
 * A cut one is refused before the first byte, since the closing frame is opened first.
 * Keeps two frames in memory: one is decrypted while the next is read. The source stays the caller's to close.
 *
 * @throws CustodyDamagedError altered, cut, not this object, or sealed with a key that is not in the ring
 * @throws RangeError `start` lies behind the end
 * @example
 * for await (const bytes of openFrames(file, { keyRing, name: key, start: 5_000_000 })) hash.update(bytes);
 */
export async function* openFrames(
  source: SealedSource,
  options: OpenFramesOptions,
): AsyncGenerator<Buffer, void> {
  const { start = 0 } = options;
  const { size: stored } = await source.stat();
  if (stored < headerBytes + closingBytes)
    throw new CustodyDamagedError(`it is cut off after ${stored} bytes`);
  const sealedBytes = stored > wholeBytes ? source : await readWhole(source, stored);
  const { size, frameBytes, decrypt } = await openClosingFrame(sealedBytes, stored, options);
  if (start > size) throw new RangeError(`start is ${start}, but the object has ${size} bytes`);
  const count = frameCount(size, frameBytes);
  const spare = [0, 1].map((index) =>
    Buffer.allocUnsafeSlow(index < count ? Math.min(frameBytes, size) + tagBytes : 0),
  );

  const read = (index: number): Promise<Buffer> => {
    const length = Math.min(frameBytes, size - index * frameBytes) + tagBytes;
    const into = (spare[index % 2] ?? Buffer.alloc(0)).subarray(0, length);
    const reading = readExactly(sealedBytes, into, headerBytes + index * (frameBytes + tagBytes));
    // It is awaited one frame later, or never, if the consumer leaves: neither may count as unhandled.
    reading.catch(() => undefined);
    return reading;
  };

  const first = Math.floor(start / frameBytes);
  let ahead = first < count ? read(first) : undefined;
  try {
    for (let index = first; index < count && ahead !== undefined; index += 1) {
      const sealed = await ahead;
      ahead = index + 1 < count ? read(index + 1) : undefined;
      const plain = decrypt(sealed, index, false);
      const wanted = index === first ? plain.subarray(start - first * frameBytes) : plain;
      if (wanted.length > 0) yield wanted;
    }
  } finally {
    // The caller closes the source next: no read may be under way then.
    await ahead?.catch(() => undefined);
  }
}

type Decrypt = (sealed: Buffer, index: number, closing: boolean) => Buffer;

async function openClosingFrame(
  source: Pick<SealedSource, 'read'>,
  stored: number,
  { keyRing, name }: OpenFramesOptions,
): Promise<{ size: number; frameBytes: number; decrypt: Decrypt }> {
  const header = await readExactly(source, Buffer.alloc(headerBytes), 0);
  const { keyId, salt, frameBytes } = decodeHeader(header);
  const ringKey = keyRing.find(keyId);
  if (ringKey === undefined) {
    throw new CustodyDamagedError(
      `it names key ${keyId}, which is not in the key file: either it is altered, or the key file must be restored from its backup`,
    );
  }
  const key = objectKey(ringKey.secret, salt);
  const context = frameContext(header, name);
  const decrypt: Decrypt = (sealed, index, closing) => {
    const decipher = createDecipheriv(frameFormat.cipher, key, frameNonce(index, closing), {
      authTagLength: tagBytes,
    });
    decipher.setAAD(context);
    decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    const plain = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
    try {
      decipher.final();
    } catch (cause) {
      const part = closing ? 'its end is altered or cut off' : `frame ${index} is altered`;
      throw new CustodyDamagedError(part, { cause });
    }
    return plain;
  };

  // The length fixes the number of frames, and with it the nonce of the closing one: all other lengths fail to open.
  const body = stored - headerBytes - closingBytes;
  const count = Math.ceil(body / (frameBytes + tagBytes));
  const end = await readExactly(source, Buffer.alloc(closingBytes), stored - closingBytes);
  const size = Number(decrypt(end, count, true).readBigUInt64BE(0));
  if (sealedSize(size, frameBytes) !== stored)
    throw new CustodyDamagedError('its length is not what its end says');
  return { size, frameBytes, decrypt };
}

async function readWhole(source: SealedSource, stored: number): Promise<Pick<SealedSource, 'read'>> {
  const bytes = await readExactly(source, Buffer.allocUnsafe(stored), 0);
  return {
    read: (into, offset, length, position) =>
      Promise.resolve({ bytesRead: bytes.copy(into, offset, position, position + length) }),
  };
}

async function readExactly(
  source: Pick<SealedSource, 'read'>,
  into: Buffer,
  position: number,
): Promise<Buffer> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await source.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) throw new CustodyDamagedError('it became shorter while it was read');
    done += bytesRead;
  }
  return into;
}
