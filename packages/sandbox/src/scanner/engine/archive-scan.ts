import type { Readable } from 'node:stream';
import type { Content } from './content';
import { scanPass, type ScanPass } from './scan-pass';
import { zipMembers, type ZipMember } from './zip-members';

/** What was found inside an archive. The reasons are MetaDefender Core's names for its result codes. */
export type ArchiveFinding =
  | { readonly kind: 'clean' }
  | { readonly kind: 'infected' }
  | { readonly kind: 'unscannable'; readonly reason: UnscannableReason };

export type UnscannableReason =
  | 'Encrypted Archive' // code 12
  | 'Exceeded Archive Depth' // 9
  | 'Exceeded Archive Size' // 13
  | 'Exceeded Archive File Number' // 14
  | 'Failed'; // 3: damaged, or packed by a method that cannot be read

/** How far an archive is followed. What lies beyond is reported as not scannable, never as clean. */
export interface ArchiveLimits {
  /** Archives within archives; 1 opens the outer one only. */
  readonly depth: number;
  /** Members of all levels together. */
  readonly members: number;
  /** Bytes after inflation of all levels together. */
  readonly inflatedBytes: number;
}

export interface ArchiveTools {
  readonly limits: ArchiveLimits;
  readonly needle: Buffer;
  /** Puts an archive found inside another one where it can be read from any place. */
  spool(stream: Readable): Promise<Content & { dispose(): unknown }>;
}

interface Progress {
  members: number;
  inflatedBytes: number;
}

const CLEAN: ArchiveFinding = { kind: 'clean' };

/**
 * Looks into every member of a ZIP, and into ZIPs inside it. An infection outweighs whatever else is wrong;
 * what could not be looked at outweighs clean.
 *
 * @param content - The archive.
 * @param zip - How it was recognised: content that merely ends like a ZIP and is none is clean.
 * @example
 * const finding = await scanArchive(blob, 'by-start', { limits, needle: eicar(), spool });
 */
export function scanArchive(
  content: Content,
  zip: ScanPass['zip'],
  tools: ArchiveTools,
): Promise<ArchiveFinding> {
  return scanLevel(content, zip, 1, { members: 0, inflatedBytes: 0 }, tools);
}

async function scanLevel(
  content: Content,
  zip: ScanPass['zip'],
  depth: number,
  progress: Progress,
  tools: ArchiveTools,
): Promise<ArchiveFinding> {
  if (zip === 'no') return CLEAN;
  if (depth > tools.limits.depth) return unscannable('Exceeded Archive Depth');
  let worst = CLEAN;
  let opened = false;
  try {
    for await (const member of zipMembers(content)) {
      opened = true;
      const finding = await scanMember(member, depth, progress, tools);
      if (finding.kind === 'infected') return finding;
      if (worst.kind === 'clean') worst = finding;
      // Beyond a limit there is no point in going on: each further member is beyond it too.
      if (exceeded(progress, tools.limits)) return worst;
    }
  } catch (error) {
    if (!opened && zip === 'by-end') return CLEAN;
    const reason = error instanceof Error && /encrypt/i.test(error.message) ? 'Encrypted Archive' : 'Failed';
    return worst.kind === 'clean' ? unscannable(reason) : worst;
  }
  return worst;
}

async function scanMember(
  member: ZipMember,
  depth: number,
  progress: Progress,
  tools: ArchiveTools,
): Promise<ArchiveFinding> {
  progress.members += 1;
  // The declared size is charged before a byte is inflated, and inflating more than declared fails:
  // a bomb is refused by its directory and never goes off.
  progress.inflatedBytes += member.size;
  if (progress.members > tools.limits.members) return unscannable('Exceeded Archive File Number');
  if (progress.inflatedBytes > tools.limits.inflatedBytes) return unscannable('Exceeded Archive Size');
  if (member.encrypted) return unscannable('Encrypted Archive');
  if (member.directory) return CLEAN;
  let pass: ScanPass;
  try {
    pass = await scanPass(await member.open(), tools.needle);
  } catch {
    return unscannable('Failed');
  }
  if (pass.infected) return { kind: 'infected' };
  if (pass.zip === 'no') return CLEAN;
  if (depth + 1 > tools.limits.depth) return unscannable('Exceeded Archive Depth');
  const inner = await tools.spool(await member.open());
  try {
    return await scanLevel(inner, pass.zip, depth + 1, progress, tools);
  } finally {
    await inner.dispose();
  }
}

function exceeded(progress: Progress, limits: ArchiveLimits): boolean {
  return progress.members > limits.members || progress.inflatedBytes > limits.inflatedBytes;
}

function unscannable(reason: UnscannableReason): ArchiveFinding {
  return { kind: 'unscannable', reason };
}
