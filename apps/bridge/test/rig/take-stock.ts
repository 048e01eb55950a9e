import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { messageState } from '../../src/domain/message';
import type { LedgerReader } from '../../src/ledger/ledger-reader';
import { openSqliteLedgerReader } from '../../src/ledger/sqlite-ledger-reader';
import type { Rig } from './open-rig';

/** What became of everything, counted by those who sent and received; the ledger is asked for what did not arrive. */
export interface Stock {
  /** What arrived at WAREHOUSE: each message as the sorted names and hashes of its files. */
  readonly arrived: readonly string[];
  readonly folder: readonly string[];
  /** Messages in the ledger as "id: state, reasons, resends". */
  readonly ledger: readonly string[];
  /** Names of files that arrived although the scanner never allowed these bytes. */
  readonly withoutEvidence: readonly string[];
  readonly unread: readonly string[];
  /** Objects in custody that no message refers to, and unfinished ones. */
  readonly orphans: readonly string[];
  /** What lies in the folder's staging area. */
  readonly staged: readonly string[];
  /** Files that the scanner still has, by its verdict. */
  readonly atScanner: Readonly<Record<string, number>>;
  readonly due: Readonly<Record<string, number>>;
  readonly intakeFailures: readonly string[];
  /** Ids of messages whose audit chain has a hole or an edit. */
  readonly brokenChains: readonly string[];
}

/** To be called while no bridge runs. */
export async function takeStock({ gateway, scanner, config, unread }: Rig): Promise<Stock> {
  const reader = await (config.openReader?.() ?? openSqliteLedgerReader(config.ledgerFile));
  try {
    const { items } = await reader.messages.list({ limit: 100 });
    const received = gateway.partner('WAREHOUSE').received;
    const lying = await filesBelow(config.folder);
    const visible = lying.filter((path) => !path.startsWith('.mft-bridge-'));
    const folder = await Promise.all(
      visible.map(async (path) =>
        fileLine({ name: path, sha256: hash(await readFile(join(config.folder, path))) }),
      ),
    );
    const allowed = new Set(
      scanner.scanned.flatMap(({ verdict, sha256, sanitizedSha256 }) =>
        verdict === 'allowed' ? [sha256] : verdict === 'sanitized' ? (sanitizedSha256 ?? []) : [],
      ),
    );
    const arrivedFiles = [...received.flatMap(({ attachments }) => attachments.map(fileLine)), ...folder];
    return {
      arrived: received.map(({ attachments }) => attachments.map(fileLine).sort().join(' + ')).sort(),
      folder: folder.sort(),
      ledger: items
        .map(({ message }) => {
          const codes = new Set(
            message.obligations.flatMap(({ reasons }) => reasons.map(({ code }) => code)),
          );
          const words = [messageState(message), ...codes, `resends ${String(message.resends)}`];
          return `${message.gatewayId}: ${words.join(', ')}`;
        })
        .sort(),
      withoutEvidence: arrivedFiles.filter((line) => !allowed.has(line.split(' ').at(-1) ?? '')),
      unread: await unread(),
      orphans: await findOrphans(config.custodyDirectory, reader),
      staged: lying.filter((path) => path.startsWith('.mft-bridge-staging')),
      atScanner: countBy(
        scanner.files.filter(({ state }) => state !== 'Deleted').map(({ verdict }) => verdict ?? '?'),
      ),
      due: { ...(await reader.due.count()) },
      intakeFailures: (await reader.intakeFailures.list()).map(({ gatewayId }) => gatewayId),
      brokenChains: await brokenChains(
        items.map(({ message }) => message.id),
        reader,
      ),
    };
  } finally {
    await reader.close();
  }
}

function fileLine({ name, sha256 }: { name: string; sha256: string }): string {
  return `${name} ${sha256}`;
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(directory, join(parentPath, name)));
}

async function findOrphans(directory: string, reader: LedgerReader): Promise<string[]> {
  // ledger.json says whose directory it is.
  const files = (await filesBelow(directory)).filter((path) => path !== 'ledger.json');
  const keys = files.map((path) => path.split('/').at(-1) ?? '');
  const referred = await reader.messages.referredCustodyKeys(keys);
  return files.filter((path, index) => path.startsWith('tmp') || !referred.has(keys[index] ?? ''));
}

async function brokenChains(ids: readonly string[], reader: LedgerReader): Promise<string[]> {
  const verified = await Promise.all(
    ids.map(async (id) => ({ id, whole: (await reader.audit.verify(id))?.whole === true })),
  );
  return verified.flatMap(({ id, whole }) => (whole ? [] : [id]));
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
