import type { ReceivedRecord, SentRecord } from '@mft-bridge/sandbox';
import type { MessageSummary } from '../../src/ledger/ledger';
import type { LedgerReader } from '../../src/ledger/ledger-reader';
import { allMessages } from './all-messages';
import type { ChaosRig } from './chaos-rig';
import type { FolderFile } from './read-folder';
import { readFolder } from './read-folder';

/** All that the witnesses and the ledger say, side by side. */
export interface Evidence {
  readonly items: readonly MessageSummary[];
  readonly sent: readonly SentRecord[];
  readonly received: readonly ReceivedRecord[];
  readonly folder: readonly FolderFile[];
  readonly allowed: ReadonlySet<string>;
  /** The hash of what a file was before the scanner changed it, by the hash of what it made of it. */
  readonly originals: ReadonlyMap<string, string>;
}

export async function gatherEvidence(
  { gateway, scanner, config }: ChaosRig,
  reader: LedgerReader,
): Promise<Evidence> {
  const allowed = scanner.scanned.flatMap(({ verdict, sha256, sanitizedSha256 }) =>
    verdict === 'allowed' ? [sha256] : verdict === 'sanitized' ? (sanitizedSha256 ?? []) : [],
  );
  return {
    items: await allMessages(reader),
    sent: gateway.sent,
    received: gateway.received,
    folder: await readFolder(config.folder),
    allowed: new Set(allowed),
    originals: new Map(
      scanner.scanned.flatMap(({ sha256, sanitizedSha256 }) =>
        sanitizedSha256 === undefined ? [] : [[sanitizedSha256, sha256]],
      ),
    ),
  };
}
