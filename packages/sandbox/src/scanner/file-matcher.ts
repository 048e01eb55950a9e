/** A file as a matcher sees it, when its upload is completed. */
export interface FileToMatch {
  readonly fileId: string;
  /** As uploaded, before a `-Copy(n)`. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Folder, levels joined by a backslash; empty for the root. */
  readonly path: string;
  /** User name. */
  readonly owner: string;
}

/** All that is given must be so. What a partner sent (`SentRecord.attachments[0]`) is such a description. */
export interface FileDescription {
  /** In a text, `*` stands for anything. */
  readonly name?: string | RegExp;
  /** Of the upload, lower-case hex. */
  readonly sha256?: string;
  /** Bytes. */
  readonly size?: number;
  readonly path?: string;
  readonly owner?: string;
}

/** Which files are meant: a name (`*.pdf`), a pattern for it, a description, or a function. */
export type FileMatcher = string | RegExp | FileDescription | ((file: FileToMatch) => boolean);

/**
 * @param sha256 - Asked for only where the matcher names one and all else fits: a large file is read for it.
 * @example
 * await fileMatches({ name: '*.edi', size: 106 }, file, () => blob.sha256());
 */
export async function fileMatches(
  matcher: FileMatcher,
  file: FileToMatch,
  sha256: () => Promise<string>,
): Promise<boolean> {
  if (typeof matcher === 'function') return matcher(file);
  if (typeof matcher === 'string' || matcher instanceof RegExp) return nameMatches(matcher, file.name);
  const { name, size, path, owner } = matcher;
  if (name !== undefined && !nameMatches(name, file.name)) return false;
  if (size !== undefined && size !== file.size) return false;
  if (path !== undefined && path !== file.path) return false;
  if (owner !== undefined && owner !== file.owner) return false;
  return matcher.sha256 === undefined || matcher.sha256.toLowerCase() === (await sha256());
}

function nameMatches(pattern: string | RegExp, name: string): boolean {
  // A pattern with the flag `g` remembers where it was.
  if (typeof pattern !== 'string') return new RegExp(pattern.source, pattern.flags).test(name);
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}$`, 'u').test(name);
}
