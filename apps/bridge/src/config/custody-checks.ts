import type { Finding } from './finding';
import { isPlainHttp } from './plain-http';

type Section = Readonly<Record<string, unknown>>;

/** What several bridges need is a store that all of them reach. */
const nodeLocal =
  'found no custody that several bridges share; expected custody.bucket, or custody.shared: true with a custody.directory that all of them have mounted; or singleNode: true here, where this bridge is the only one on the ledger';

/**
 * Whether the fields of `custody:` fit together, and fit the ledger. A bucket or a shared directory beside a ledger in a
 * file is nothing wrong: one bridge whose bytes outlive its machine.
 */
export function checkCustody(sections: {
  readonly custody: Section;
  readonly bucket: Section;
  /** null where the ledger is a file. */
  readonly postgres: Section | null;
}): Finding[] {
  const { custody, bucket, postgres } = sections;
  const has = (key: string): boolean => custody[key] !== undefined && custody[key] !== null;
  const isShared = custody['shared'] === true;
  const findings: Finding[] = [];
  const add = (path: readonly string[], text: string): void => void findings.push({ path: [...path], text });
  if (has('bucket') && has('directory'))
    add(['custody', 'directory'], 'found beside custody.bucket; expected one of the two');
  if (has('bucket') && isShared)
    add(['custody', 'shared'], 'found beside custody.bucket, which all bridges reach by itself');
  if (!has('bucket') && has('cache'))
    add(['custody', 'cache'], 'found without custody.bucket; a directory needs no copies beside it');
  if (isShared && !has('directory') && !has('bucket'))
    add(['custody', 'directory'], 'found nothing, expected where the shared directory is mounted');
  const endpoint = bucket['endpoint'];
  if (typeof endpoint === 'string' && isPlainHttp(endpoint) && bucket['allowInsecureHttp'] !== true) {
    const why = 'plain http to another machine would show who asks, and for what, to everyone on the way';
    add(['custody', 'bucket', 'endpoint'], `${why}; expected https (or allowInsecureHttp: true beside it)`);
  }
  if (postgres !== null && postgres['singleNode'] !== true && !isShared && !has('bucket'))
    add(['ledger', 'postgres', 'singleNode'], nodeLocal);
  return findings;
}
