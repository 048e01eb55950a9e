/** An API token in a file. */
export interface FileToken {
  readonly tokenId: string;
  readonly tokenSecret: string;
}

/**
 * Reads an API token out of the CSV that the console hands out once, out of JSON, or off two lines. Pure.
 *
 * @returns undefined where there is none
 */
export function parseTokenFile(text: string): FileToken | undefined {
  if (text.trim().startsWith('{')) return ofJson(text);
  const rows = text
    .trim()
    .split(/\s*[\r\n]+\s*/)
    .map((line) => line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1')));
  const [first = [], second = []] = rows;
  const id = first.findIndex((cell) => /token.?id/i.test(cell));
  const secret = first.findIndex((cell) => /secret/i.test(cell));
  if (id >= 0 && secret >= 0) return filled(second[id], second[secret]);
  return first.length === 1 && second.length === 1 && rows.length === 2
    ? filled(first[0], second[0])
    : undefined;
}

function ofJson(text: string): FileToken | undefined {
  try {
    const fields = JSON.parse(text) as Record<string, unknown>;
    return filled(fields['tokenId'] ?? fields['tokenID'], fields['tokenSecret']);
  } catch {
    return undefined;
  }
}

function filled(tokenId: unknown, tokenSecret: unknown): FileToken | undefined {
  if (typeof tokenId !== 'string' || typeof tokenSecret !== 'string') return undefined;
  return tokenId === '' || tokenSecret === '' ? undefined : { tokenId, tokenSecret };
}
