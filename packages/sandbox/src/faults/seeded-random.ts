import { createCipheriv, createHash } from 'node:crypto';

/** Chance that can be had again: the same seed and the same questions give the same answers. */
export interface SeededRandom {
  /** 0 (inclusive) to 1 (exclusive). */
  next(): number;
  bytes(count: number): Buffer;
}

/** @example createSeededRandom(42, 'fault-1').next(); */
export function createSeededRandom(seed: string | number, purpose: string): SeededRandom {
  const key = createHash('sha256')
    .update(`${String(seed)}\n${purpose}`)
    .digest();
  const stream = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  return {
    next: () => stream.update(Buffer.alloc(6)).readUIntBE(0, 6) / 2 ** 48,
    bytes: (count) => stream.update(Buffer.alloc(count)),
  };
}
