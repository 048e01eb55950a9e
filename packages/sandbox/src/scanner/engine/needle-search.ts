/**
 * The EICAR test string, put together at run time: its 68 characters may stand in no file of this
 * repository and on no disk, or a virus scanner takes the checkout apart.
 *
 * @returns The 68 bytes of the test string.
 * @example
 * const infected = Buffer.concat([Buffer.from('dear partner, '), eicar()]);
 */
export function eicar(): Buffer {
  const pieces = [
    'X5O!P%@AP[4',
    '\\PZX54(P^)7CC)7}',
    '$EI',
    'CAR-STAN',
    'DARD-ANTI',
    'VIRUS-TE',
    'ST-FILE!',
    '$H+H*',
  ];
  return Buffer.from(pieces.join(''), 'latin1');
}

/** A search for one byte string in content that arrives in pieces. */
export interface NeedleSearch {
  /** Looks at the next piece; true once the needle was seen, in this or an earlier piece. */
  push(chunk: Buffer): boolean;
}

/**
 * Starts a search that finds the needle also where it lies across the border of two or more pieces.
 * The work is done by `Buffer.indexOf` (a byte loop in JavaScript is about fifty times slower); what is
 * kept between pieces is one byte less than the needle.
 *
 * @param needle - The bytes to find; must not be empty.
 * @example
 * const search = createNeedleSearch(eicar());
 * for await (const chunk of file) if (search.push(chunk)) return 'infected';
 */
export function createNeedleSearch(needle: Buffer): NeedleSearch {
  const keep = needle.length - 1;
  let tail: Buffer = Buffer.alloc(0);
  let found = false;
  return {
    push(chunk) {
      if (found) return true;
      const border = Buffer.concat([tail, chunk.subarray(0, keep)]);
      found = border.includes(needle) || chunk.includes(needle);
      // Copied: a view would keep the whole piece alive, and the sender may reuse its memory.
      const rest = chunk.length >= keep ? chunk : border;
      tail = Buffer.from(rest.subarray(Math.max(0, rest.length - keep)));
      return found;
    },
  };
}
