import { createHash } from 'node:crypto';
import { safeFileName } from '@mft-bridge/http-transport';

/**
 * The directory of a message. A partner chooses its ids, and two of them must not become one directory: where the id could not be
 * taken as it is, part of its hash stands behind the name. Pure.
 *
 * @example
 * messageDirectory('<4711@acme.example>'); // '4711@acme.example'
 */
export function messageDirectory(id: string): string {
  const bare = id.replace(/^<(.*)>$/s, '$1');
  const safe = safeFileName(bare.replaceAll(/[/\\]/g, '_'));
  // Upper case counts as changed: many disks do not tell the two apart.
  if (safe === id.slice(1, -1) && safe === safe.toLowerCase()) return safe;
  return `${safe}-${createHash('sha256').update(id).digest('hex').slice(0, 12)}`;
}
