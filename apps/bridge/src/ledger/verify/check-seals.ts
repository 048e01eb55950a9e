import type { Seal } from '../seal';
import { sealHash, sealRoot } from '../seal';
import type { Finding } from './finding';
import { finding } from './finding';

/** A bridge that runs exports a seal right after it made it. */
const exportMs = 60_000;

/** Checks one seal after the other. */
export interface SealCheck {
  /** `hashes`: of the events that say they are in it, and of those that were forgotten. */
  next(seal: Seal, hashes: readonly string[]): Finding[];
}

const problem = (text: string): Finding => finding('seal', null, text);

/** Keeps the last hash only, however many there are. */
export function createSealCheck(): SealCheck {
  let count = 0;
  let previous = '0'.repeat(64);
  return {
    next(seal, hashes) {
      const problems: string[] = [];
      count += 1;
      if (seal.number !== count)
        problems.push(`seal ${count} is missing: seal ${seal.number} stands in its place`);
      if (seal.previous !== previous) problems.push(`seal ${seal.number} does not follow the one before`);
      if (sealHash(seal) !== seal.hash) problems.push(`seal ${seal.number} or its hash was altered`);
      if (hashes.length !== seal.events)
        problems.push(`seal ${seal.number} holds ${seal.events} events, ${hashes.length} are there`);
      else if (sealRoot(hashes) !== seal.root)
        problems.push(`seal ${seal.number} holds other events than are there`);
      count = seal.number;
      previous = seal.hash;
      return problems.map(problem);
    },
  };
}

/**
 * Compares exported seals with those of the ledger, each looked up when its turn comes: beside a running bridge both grow
 * meanwhile, the ledger always first.
 */
export async function checkSealFile(
  file: AsyncIterable<Seal>,
  lookUp: (number: number) => Promise<Seal | undefined>,
  now: number,
): Promise<Finding[]> {
  let number = 0;
  for await (const seal of file) {
    number += 1;
    if (seal.number !== number) return [problem(`the seal file lacks seal ${number}`)];
    const own = await lookUp(number);
    if (own === undefined) {
      return [
        problem(
          `the seal file goes on after seal ${number - 1}, the last in the ledger: the ledger was cut off, or is an older one`,
        ),
      ];
    }
    if (own.hash !== seal.hash || sealHash(seal) !== seal.hash)
      return [problem(`seal ${number} in the seal file is not the one in the ledger`)];
  }
  const missing = await lookUp(number + 1);
  return missing !== undefined && now - missing.at > exportMs
    ? [problem(`the seal file ends at seal ${number}; the ledger goes on`)]
    : [];
}
